/**
 * The network, as a session needs it: requests that are answered, and WebSockets. Receives packed
 * frames from {@code session}, hands them to {@code java.net.http}, or in tests to nothing but
 * memory.
 */
@NullMarked
package dev.sente.client.net;

import org.jspecify.annotations.NullMarked;
