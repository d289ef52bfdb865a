/**
 * One client each. Receives admitted connections from {@code gate} and messages from {@code
 * channel}; hands events to {@code router}, presence to {@code users}, and what is pushed to {@code
 * channel}.
 *
 * <p>What happens to a session is decided by the pure function in {@link
 * dev.sente.server.session.Life}; {@link dev.sente.server.session.ClassicSession} and {@link
 * dev.sente.server.session.StreamSession} carry it out, one step after the other, in their
 * mailboxes.
 */
@NullMarked
package dev.sente.server.session;

import org.jspecify.annotations.NullMarked;
