/**
 * Frames: what is said between client and server, to and from packed form. Receives packed messages
 * from a channel, hands events to {@code session}; the other way round for what goes out.
 */
@NullMarked
package dev.sente.wire;

import org.jspecify.annotations.NullMarked;
