/**
 * The command-line tool: sends an event, or listens, from a terminal or a script. Receives
 * arguments, hands them to a {@code ChannelSocketClient}.
 */
@NullMarked
package dev.sente.client.tool;

import org.jspecify.annotations.NullMarked;
