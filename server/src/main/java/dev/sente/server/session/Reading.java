package dev.sente.server.session;

import org.jspecify.annotations.Nullable;

/**
 * Whether connections of a client are read: not while too many of its events wait. Touched by the
 * session's mailbox only.
 */
final class Reading {

  /** Has the mailbox {@link #decide} again. */
  private final Runnable again;

  private boolean isStopped;

  /** Who will tell that there is room; null for nobody. */
  private @Nullable Inbox told;

  /**
   * Reads.
   *
   * @param again called by any thread when there is room: {@link #hasRoom} is to be called then
   */
  Reading(Runnable again) {
    this.again = again;
  }

  boolean isStopped() {
    return isStopped;
  }

  /** Stops the reading or lets it go on; whether that is a change. */
  boolean decide(Inbox inbox, boolean isAsked) {
    boolean before = isStopped;
    isStopped = !inbox.hasRoom(isAsked);
    if (isStopped && told == null) {
      told = inbox;
      inbox.whenRoom(again);
    }
    return isStopped != before;
  }

  /** There was room again: it is to be decided anew. */
  void hasRoom() {
    told = null;
  }

  /** Nothing is to be read any more. */
  void end() {
    if (told != null) {
      told.forget(again);
      told = null;
    }
  }
}
