/**
 * Events to handlers. Receives events from {@code session}, in order per client, and hands them to
 * the application's handlers on virtual threads.
 */
@NullMarked
package dev.sente.server.router;

import org.jspecify.annotations.NullMarked;
