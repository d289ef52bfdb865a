package dev.sente.server.session;

import dev.sente.server.ServerOptions;
import dev.sente.server.users.UserClient;
import dev.sente.wire.SessionInfo;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where a v2 session stands among those of its client, which come one after the other: the one
 * before it, the one after it, and what the client knows of that (V12, V13). Touched by the
 * session's mailbox only, unless a method says otherwise.
 */
final class Succession {

  /** How many sessions of a client's are known as replaced: more than a request is late for. */
  private static final int MAX_REPLACED = 4;

  private final String token;

  /**
   * The tokens of the sessions that it has replaced, the latest first: the one that its first
   * request named, and those that this one had replaced.
   */
  private final List<String> replaced;

  /** Why it is not the session that its client had asked for; null if it had asked for none. */
  private final @Nullable String lost;

  /** Whether the client has shown that it knows of this session. */
  private boolean isKnown;

  /** The session of the same client that this one replaces, until it is connected. */
  private @Nullable StreamSession older;

  /**
   * The newer session of the same client, once one has begun. Written once by the mailbox; read by
   * those of older sessions, too.
   */
  private volatile @Nullable StreamSession newer;

  /**
   * The latest of its client's sessions.
   *
   * @param token what the client knows it by
   * @param asked the token of the one that the client had asked for; null for none
   * @param before where the client's last session stands; null if it has none
   * @param lost why the client has not the one that it had asked for; null if it had asked for none
   */
  Succession(
      String token, @Nullable String asked, @Nullable Succession before, @Nullable String lost) {
    this.token = token;
    this.replaced = replaced(asked, before);
    this.lost = lost;
  }

  private static List<String> replaced(@Nullable String asked, @Nullable Succession before) {
    if (asked == null) {
      return List.of();
    }
    if (before == null || !asked.equals(before.token)) {
      return List.of(asked);
    }
    return Stream.concat(Stream.of(asked), before.replaced.stream()).limit(MAX_REPLACED).toList();
  }

  /** What its client knows it by. Any thread. */
  String token() {
    return token;
  }

  /** What a handshake tells of it, by which the client knows how many messages were accepted. */
  SessionInfo info(long received, boolean resumed, ServerOptions options) {
    return new SessionInfo(
        token,
        received,
        resumed,
        resumed ? null : lost,
        StreamSocket.pingInterval(options).toMillis(),
        options.webSocketPingTimeout().toMillis(),
        options.maxMessageBytes());
  }

  /** The client has used it. */
  void known() {
    isKnown = true;
  }

  /**
   * Whether it has replaced, by itself or by the ones before, the session with this token. Any
   * thread.
   */
  boolean hasReplaced(String asked) {
    return replaced.contains(asked);
  }

  /**
   * Whether a request for the session with this token, which it has replaced, is late: the client
   * has used this one, or the one between (V12). Else it may never have heard of this one.
   */
  boolean isLate(String asked) {
    return isKnown || !asked.equals(replaced.getFirst());
  }

  /** It takes the place of an older one, which ends once this one is connected. */
  void replace(StreamSession other) {
    older = other;
  }

  /** It is connected: the one that it replaces ends. */
  void connected() {
    if (older != null) {
      older.remove(4002, "superseded");
      older = null;
    }
  }

  /** A newer one has begun. */
  void replacedBy(StreamSession other) {
    newer = other;
  }

  /** Whether one of these has begun after it. */
  boolean isReplacedByOneOf(List<UserClient> others) {
    for (var after = newer; after != null; after = after.succession().newer) {
      if (others.contains(after)) {
        return true;
      }
    }
    return false;
  }
}
