package dev.sente.server;

import dev.sente.server.gate.ConnectRequest;
import dev.sente.time.Time;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What a server can be told, checked. Made by {@link ChannelSocketServer#builder()}, where the
 * defaults are.
 *
 * @param path the URL's path, as {@code /chsk}
 * @param handshakeData what the client gets with its handshake; null for nothing
 * @param webSocketKeepAlive a silent WebSocket is pinged after half of this; zero for never, one
 *     day at most
 * @param webSocketPingTimeout how long a ping may go unanswered, one day at most
 * @param longPollTimeout how long a poll is held, and a request over long-polling may wait for its
 *     answer; below 60 s, at which clients give up
 * @param webSocketReconnectGrace how long a user stays connected after its last WebSocket closed
 * @param ajaxReconnectGrace the same after its last poll; a classic client that takes longer to its
 *     next one loses what waits. For its first one a client has 5 s in any case
 * @param webSocketBatchWindow how long at most a push over a WebSocket waits for others; zero for
 *     not at all
 * @param ajaxBatchWindow how long at most a held poll's answer waits for more pushes
 * @param maxMessageBytes the largest message from a client, and to one, packed; to push or answer
 *     more gives a PackException, and more in a handshake an answer of 500
 * @param outboxMessages how many messages may wait for one client
 * @param outboxBytes how many bytes may wait for one client
 * @param resumeWindow how long a v2 session without connection is kept, after its user's grace
 * @param detachedMessages how many messages may wait for a v2 client without connection, and still
 *     when it is back; between two polls it is not without until its grace is over
 * @param detachedBytes how many bytes may wait for a v2 client without connection, and still when
 *     it is back
 * @param inboxEvents how many of a client's events may wait for handlers before it is read no more;
 *     so where they are 16 times maxMessageBytes, which no option changes. While the server waits
 *     for an answer of the client's 16 times as many, of twice the bytes
 * @param sessionsPerUser how many clients one user may have at once, {@link Integer#MAX_VALUE} for
 *     as many as there are; a v2 client that is kept, but counts as present no longer, counts a
 *     quarter
 * @param sessionsPerAddress how many clients may come from one address, of IPv6 from one network of
 *     64 bits; loopback is not counted, since it is a proxy or yourself
 * @param onDropped told of what was accepted for a client and could not be delivered
 * @param time clock and alarms
 * @param executor runs hooks and handlers; its threads may block, and it must refuse no task: what
 *     the application's does refuse, the builder has run elsewhere
 * @param random where chance is needed
 * @param secrets makes session tokens; must be cryptographically strong outside tests
 */
public record ServerOptions(
    String path,
    Function<ConnectRequest, @Nullable Object> handshakeData,
    Duration webSocketKeepAlive,
    Duration webSocketPingTimeout,
    Duration longPollTimeout,
    Duration webSocketReconnectGrace,
    Duration ajaxReconnectGrace,
    Duration webSocketBatchWindow,
    Duration ajaxBatchWindow,
    int maxMessageBytes,
    int outboxMessages,
    int outboxBytes,
    Duration resumeWindow,
    int detachedMessages,
    int detachedBytes,
    int inboxEvents,
    int sessionsPerUser,
    int sessionsPerAddress,
    Consumer<Dropped> onDropped,
    Time time,
    Executor executor,
    RandomGenerator random,
    RandomGenerator secrets) {

  /** Checks every option. */
  public ServerOptions {
    if (!path.startsWith("/") || path.contains("?")) {
      throw new IllegalArgumentException("path must begin with / and have no query, was " + path);
    }
    notNegative("webSocketKeepAlive", webSocketKeepAlive);
    notLong("webSocketKeepAlive", webSocketKeepAlive);
    positive("webSocketPingTimeout", webSocketPingTimeout);
    notLong("webSocketPingTimeout", webSocketPingTimeout);
    positive("longPollTimeout", longPollTimeout);
    if (longPollTimeout.compareTo(Duration.ofSeconds(60)) >= 0) {
      throw new IllegalArgumentException(
          "longPollTimeout must be below PT60S, was " + longPollTimeout);
    }
    notNegative("webSocketReconnectGrace", webSocketReconnectGrace);
    notNegative("ajaxReconnectGrace", ajaxReconnectGrace);
    notNegative("webSocketBatchWindow", webSocketBatchWindow);
    notNegative("ajaxBatchWindow", ajaxBatchWindow);
    positive("maxMessageBytes", maxMessageBytes);
    positive("outboxMessages", outboxMessages);
    positive("outboxBytes", outboxBytes);
    notNegative("resumeWindow", resumeWindow);
    positive("detachedMessages", detachedMessages);
    positive("detachedBytes", detachedBytes);
    positive("inboxEvents", inboxEvents);
    positive("sessionsPerUser", sessionsPerUser);
    positive("sessionsPerAddress", sessionsPerAddress);
  }

  private static void positive(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " must be at least 1, was " + value);
    }
  }

  private static void positive(String name, Duration value) {
    if (value.compareTo(Duration.ofMillis(1)) < 0) {
      throw new IllegalArgumentException(name + " must be at least PT0.001S, was " + value);
    }
  }

  /** Clients are told it in milliseconds, and browsers' timers take 24 days of them at most. */
  private static void notLong(String name, Duration value) {
    if (value.compareTo(Duration.ofDays(1)) > 0) {
      throw new IllegalArgumentException(name + " must be at most PT24H, was " + value);
    }
  }

  private static void notNegative(String name, Duration value) {
    if (value.isNegative()) {
      throw new IllegalArgumentException(name + " must not be negative, was " + value);
    }
  }
}
