/**
 * One client each. Receives admitted connections from {@code gate} and messages from {@code
 * channel}; hands events to {@code router}, presence to {@code users}, and what is pushed to {@code
 * channel}.
 *
 * <p>{@link dev.sente.server.session.StreamSession} and {@link
 * dev.sente.server.session.ClassicSession} take what comes from outside into their mailboxes, and
 * say which of their parts it concerns: what is sent and what is received, what carries it now, and
 * {@link dev.sente.server.session.Lifetime}, which carries out what the pure function in {@link
 * dev.sente.server.session.Life} decides.
 */
@NullMarked
package dev.sente.server.session;

import org.jspecify.annotations.NullMarked;
