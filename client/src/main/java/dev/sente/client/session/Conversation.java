package dev.sente.client.session;

import dev.sente.client.TransportType;
import dev.sente.event.Event;
import dev.sente.wire.Reply;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** What is said, kept and waited for, whichever connection there is. */
interface Conversation {

  /** Whether a connection can go on where another one ended, so that it need not end before. */
  boolean resumes();

  /** Queues an event; false if there is no room. For any thread. */
  boolean send(Event event);

  /** The same for an event that is answered. For any thread. */
  void request(Event event, Duration timeout, CompletableFuture<Reply> future);

  /** Packs an event, so that what cannot be packed is told its sender. For any thread. */
  void check(Event event);

  /** Whether somebody waits for what the server says, be it in a handler. For any thread. */
  boolean isWaiting();

  /**
   * Completes the future with true once the server has what was queued before, as far as can be
   * known; with false if it may be lost.
   */
  void delivered(CompletableFuture<Boolean> future);

  /** The application wants to be connected: what it says from now on is kept. */
  void begin();

  /** Begins to connect. */
  Connection open(TransportType type, Link link);

  /** The connection is gone; if {@code isAway}, no other is tried until the application says so. */
  void interrupted(boolean isAway);

  /** The application wants no more: everything is forgotten, and pending requests end. */
  void end();
}
