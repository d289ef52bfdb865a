package dev.sente.client;

import dev.sente.client.net.Network;
import dev.sente.packer.Packer;
import dev.sente.time.Time;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What a client is told, each option with the name and the default that it has in TypeScript. Made
 * by {@link #builder}; any number of clients may be connected with the same options, and then share
 * what is in them, the {@link java.net.http.HttpClient} among it.
 *
 * <p>Suppliers are asked anew for each connection, on a thread of {@code executor}, and may block.
 *
 * @param type what carries the events. Default {@link TransportChoice#AUTO}
 * @param protocol the wire protocol. Default {@link Protocol#V2}
 * @param packer how values are packed; the server must know it. Default {@code json}
 * @param clientId names this client among the user's others, 1 to 256 characters, none of them a
 *     control character; null for 128 random bits, new for each {@code connect}. Default null
 * @param params query parameters of every request, in classic mode not of the POSTs that carry
 *     events by long-polling. Default none
 * @param headers headers of every HTTP request, a WebSocket's upgrade among them. Default none
 * @param csrfToken sent as header {@code X-CSRF-Token} by long-polling; by a WebSocket as a
 *     subprotocol, or in classic mode as query parameter. Default none
 * @param authorization the value of the header {@code Authorization}; in v2 also sent as a
 *     subprotocol. Default none
 * @param wsKeepAlive classic mode: ping a server from which nothing has come by the WebSocket for
 *     so long; zero for never. Default 20 s
 * @param wsPingTimeout classic mode: take the WebSocket for dead if so long after a ping nothing
 *     has come. Default 5 s
 * @param handshakeTimeout give up a WebSocket that brought no handshake for so long, if
 *     long-polling can be tried instead, 3 s at most while it serves; four times as long otherwise.
 *     Also how long a request may take to be answered at once, times four. Default 5 s
 * @param pollTimeout give up a poll that the server left unanswered for so long: it must be above
 *     the server's own long-poll time-out. Also how long a POST of more than 64 KiB may take where
 *     that is longer than {@code handshakeTimeout} allows, and in v2 a second more for each 4 KiB
 *     of it. Default 60 s
 * @param requestTimeout how long a request waits for its answer unless it says so itself. Default
 *     10 s
 * @param maxQueuedMessages how many messages may wait for a connection, or, in v2, to be
 *     acknowledged. Default 1024
 * @param maxQueuedBytes how many bytes of messages may wait for the same. Default 1 MiB
 * @param maxMessageBytes how long a frame of the server may be, in bytes: at least the server's
 *     largest message, and 64 KiB, since it puts several into one frame. A longer one ends the
 *     session for good ({@link CloseReason#PROTOCOL}), since the stream cannot leave it out, by
 *     long-polling if it comes again, since a network's own page may be so long; in classic mode it
 *     is reported and ignored, and by long-polling the client connects anew if it comes again.
 *     Default 1 MiB
 * @param inboxEvents how many events may wait for handlers; beyond, the client reads no further
 *     until there is room, which a server takes for absence by long-polling, though not by a
 *     WebSocket. Sixteen times as many while a request waits for its answer, or somebody for what
 *     is delivered: a handler may do so. So it does when they hold 16 times {@code
 *     maxMessageBytes}, meanwhile 64 times. Default 64
 * @param onError is told what goes wrong without anybody waiting for it. Default logs it
 * @param executor runs handlers and suppliers, and completes futures; its threads may block. It
 *     needs a thread more than handlers may wait at a time for a future of this library's, those of
 *     all clients that share it: with none left for the completion they wait for ever. What it
 *     rejects or fails at is reported, and runs on a virtual thread, as does what it runs on the
 *     thread that brings it. Default virtual threads
 * @param network what carries requests and WebSockets
 * @param time clock and alarms. Default the system's
 * @param dates tells the dates in the state. Default the system's
 * @param random where chance is needed. Default the platform's
 */
public record ClientOptions(
    TransportChoice type,
    Protocol protocol,
    Packer packer,
    @Nullable String clientId,
    Supplier<Map<String, String>> params,
    Supplier<Map<String, String>> headers,
    Supplier<@Nullable String> csrfToken,
    Supplier<@Nullable String> authorization,
    Duration wsKeepAlive,
    Duration wsPingTimeout,
    Duration handshakeTimeout,
    Duration pollTimeout,
    Duration requestTimeout,
    int maxQueuedMessages,
    int maxQueuedBytes,
    int maxMessageBytes,
    int inboxEvents,
    ErrorHandler onError,
    Executor executor,
    Network network,
    Time time,
    InstantSource dates,
    RandomGenerator random) {

  /** The longest client-id, in characters. */
  public static final int MAX_CLIENT_ID = 256;

  private static final Duration LONGEST = Duration.ofDays(1);

  /**
   * Checks the options.
   *
   * @throws IllegalArgumentException if one is out of its bounds; the message names it
   */
  public ClientOptions {
    if (clientId != null && !isClientId(clientId)) {
      throw new IllegalArgumentException(
          "clientId must be of 1 to "
              + MAX_CLIENT_ID
              + " characters and have no control characters, was \""
              + clientId
              + "\"");
    }
    check("wsKeepAlive", wsKeepAlive, true);
    check("wsPingTimeout", wsPingTimeout, false);
    check("handshakeTimeout", handshakeTimeout, false);
    check("pollTimeout", pollTimeout, false);
    check("requestTimeout", requestTimeout, false);
    check("maxQueuedMessages", maxQueuedMessages);
    check("maxQueuedBytes", maxQueuedBytes);
    check("maxMessageBytes", maxMessageBytes);
    check("inboxEvents", inboxEvents);
  }

  private static boolean isClientId(String given) {
    return !given.isBlank()
        && given.length() <= MAX_CLIENT_ID
        && given
            .chars()
            .noneMatch(c -> Character.isISOControl(c) || c == '\u2028' || c == '\u2029');
  }

  private static void check(String name, Duration given, boolean mayBeZero) {
    if (given.isNegative() || (given.isZero() && !mayBeZero) || given.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException(
          name
              + " must be "
              + (mayBeZero ? "zero or more" : "above zero")
              + " and at most "
              + LONGEST
              + ", was "
              + given);
    }
  }

  private static void check(String name, int given) {
    if (given < 1) {
      throw new IllegalArgumentException(name + " must be 1 or more, was " + given);
    }
  }

  /** Options to be set, at first with their defaults. */
  public static ClientOptionsBuilder builder() {
    return new ClientOptionsBuilder();
  }

  /** The defaults. */
  public static ClientOptions defaults() {
    return builder().build();
  }
}
