package dev.sente.client.net;

import java.net.URI;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A request. How long it may take is its sender's business.
 *
 * @param uri of the scheme http or https
 * @param headers one value for each name
 * @param body what a POST carries; null for a GET
 * @param maxBytes how long the answer may be; of a longer one only that it came is told
 */
public record HttpCall(
    URI uri, Map<String, String> headers, byte @Nullable [] body, int maxBytes) {}
