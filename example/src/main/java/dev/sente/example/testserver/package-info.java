/**
 * A server for black-box tests of the protocol. Receives its options from the command line, hands
 * test events and requests under {@code /ctl} to a {@link dev.sente.server.ChannelSocketServer}.
 * CONTRIBUTING.md tells what it understands.
 */
@NullMarked
package dev.sente.example.testserver;

import org.jspecify.annotations.NullMarked;
