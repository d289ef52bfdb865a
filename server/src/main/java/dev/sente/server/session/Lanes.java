package dev.sente.server.session;

import dev.sente.mailbox.Lane;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;

/**
 * Gives each session a lane for its handlers: a new one, unless handlers of the same client's last
 * session are still at work. Theirs is gone on with then, so that a client's events are handled one
 * after the other whatever becomes of its sessions (K12).
 */
final class Lanes {

  private final Executor executor;

  /** Lanes of sessions that have ended, until their last handler is done. */
  private final ConcurrentHashMap<SessionKey, Left> left = new ConcurrentHashMap<>();

  Lanes(Executor executor) {
    this.executor = executor;
  }

  /** A lane for a session that begins. */
  Lane of(SessionKey key) {
    var old = left.get(key);
    return old == null ? new Lane(executor) : old.lane;
  }

  /** A session has ended, whose handlers may still be at work. */
  void leave(SessionKey key, Lane lane) {
    var mine = new Left(lane);
    left.put(key, mine);
    lane.add(() -> left.remove(key, mine));
  }

  /** Told apart by identity: a lane may be left, gone on with, and left again. */
  private static final class Left {
    final Lane lane;

    Left(Lane lane) {
      this.lane = lane;
    }
  }
}
