package dev.sente.netty;

import java.time.Duration;

/**
 * What holds for all connections, whatever door they go to. One object for all of them, so that an
 * idle connection holds one reference to it.
 *
 * @param writeLimit how long a peer may take nothing of what waits for it
 * @param arriving counts what has come of bodies and messages that are not complete
 */
record Bounds(Duration writeLimit, ArrivingBytes arriving) {}
