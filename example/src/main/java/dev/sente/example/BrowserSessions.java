package dev.sente.example;

import dev.sente.server.channel.HttpRequest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Which browser is whose: a session for each, named by a cookie that no script can read. A session
 * never changes; who logs in or out gets a new one, so that a name known before is worth nothing
 * after. In memory and bounded: an application has its own.
 */
final class BrowserSessions {

  private static final String COOKIE = "sente-example";
  private static final int MAX_SESSIONS = 10_000;

  /** What is known of a browser. */
  record BrowserSession(String id, @Nullable String uid, String csrfToken) {

    /** The header that gives a browser its session. */
    String cookie(boolean secure) {
      return COOKIE + "=" + id + "; Path=/; HttpOnly; SameSite=Lax" + (secure ? "; Secure" : "");
    }
  }

  private final SecureRandom random = new SecureRandom();
  private final ReentrantLock lock = new ReentrantLock();

  /** By id, the oldest first. Guarded by the lock. */
  private final Map<String, BrowserSession> sessions = new LinkedHashMap<>();

  /** A new session for a user; null for nobody. */
  BrowserSession begin(@Nullable String uid) {
    var session = new BrowserSession(randomText(), uid, randomText());
    lock.lock();
    try {
      sessions.put(session.id(), session);
      if (sessions.size() > MAX_SESSIONS) {
        sessions.remove(sessions.keySet().iterator().next());
      }
    } finally {
      lock.unlock();
    }
    return session;
  }

  /** Ends a session, if there is one. */
  void end(@Nullable BrowserSession session) {
    if (session != null) {
      lock.lock();
      try {
        sessions.remove(session.id());
      } finally {
        lock.unlock();
      }
    }
  }

  /** The session of a request; null where it has none. */
  @Nullable BrowserSession of(HttpRequest request) {
    var id = request.cookie(COOKIE).orElse("");
    lock.lock();
    try {
      return sessions.get(id);
    } finally {
      lock.unlock();
    }
  }

  /** Whose request this is; null for nobody's. */
  @Nullable String userId(HttpRequest request) {
    var session = of(request);
    return session == null ? null : session.uid();
  }

  /** The token that a request of this browser must bring; null where it has no session. */
  @Nullable String csrfToken(HttpRequest request) {
    var session = of(request);
    return session == null ? null : session.csrfToken();
  }

  private String randomText() {
    var bytes = new byte[16];
    random.nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }
}
