package dev.sente.server.session;

import dev.sente.server.gate.Caller;
import dev.sente.time.Time;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Who was signed out lately. Who is being let in meanwhile is in nobody's list yet: it is looked
 * for here once it is. For any thread.
 */
public final class SignOuts {

  /** What a client is told that was signed out. */
  public static final String REASON = "signed out";

  /** Longer than any hook takes. */
  private static final Duration KEPT = Duration.ofMinutes(10);

  private final Time time;
  private final AtomicLong count = new AtomicLong();

  /** The number of each user's latest. */
  private final ConcurrentHashMap<String, Long> latest = new ConcurrentHashMap<>();

  SignOuts(Time time) {
    this.time = time;
  }

  /** How many there have been: who is let in notes it before it is asked for its user. */
  public long now() {
    return count.get();
  }

  /** The user is signed out. To be called before its sessions are ended. */
  public void signedOut(String uid) {
    Long number = count.incrementAndGet();
    // Of two at a time the later one may come here first.
    latest.merge(uid, number, Math::max);
    time.after(KEPT, () -> latest.remove(uid, number));
  }

  /**
   * Whether the caller's user was, since it began to be let in. To be asked once it can be found.
   */
  boolean reaches(Caller caller) {
    var uid = caller.uid();
    var number = uid == null ? null : latest.get(uid);
    return number != null && number > caller.signOuts();
  }
}
