/**
 * Servers to be measured that rest on other libraries than ours, each a process with a console of
 * commands. They are set up for production as their documentation says, for WebSocket only, without
 * compression.
 */
@NullMarked
package dev.sente.benchmarks.rivals;

import org.jspecify.annotations.NullMarked;
