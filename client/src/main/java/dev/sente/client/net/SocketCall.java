package dev.sente.client.net;

import java.net.URI;
import java.util.List;
import java.util.Map;

/**
 * A WebSocket to be opened.
 *
 * @param uri of the scheme ws or wss
 * @param headers of the request for the upgrade, one value for each name
 * @param subprotocols what is offered, the one that is wanted first; none in classic mode
 * @param maxBytes how long a message may be; of a longer one only that it came is told
 */
public record SocketCall(
    URI uri, Map<String, String> headers, List<String> subprotocols, int maxBytes) {}
