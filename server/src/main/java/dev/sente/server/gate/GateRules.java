package dev.sente.server.gate;

import dev.sente.server.channel.HttpRequest;
import dev.sente.server.channel.HttpResponse;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The application's hooks, in the order they are asked. Each may block, and is called by many
 * threads at once. One that throws refuses the request with 500 and is logged.
 *
 * @param reject answers the request instead of the engine, or null to let it pass
 * @param csrfToken which token the request must bring
 * @param origins which pages may connect
 * @param authorized whether the request may pass at all
 * @param unauthorized the answer where it may not
 * @param userId whose request this is; null for nobody's
 * @param clientAddress the address that counts, where a trusted proxy tells it in a header; null
 *     for the TCP peer's
 */
public record GateRules(
    Function<ConnectRequest, @Nullable HttpResponse> reject,
    Function<ConnectRequest, CsrfToken> csrfToken,
    AllowedOrigins origins,
    Predicate<ConnectRequest> authorized,
    Function<ConnectRequest, HttpResponse> unauthorized,
    Function<ConnectRequest, @Nullable String> userId,
    Function<HttpRequest, @Nullable String> clientAddress) {}
