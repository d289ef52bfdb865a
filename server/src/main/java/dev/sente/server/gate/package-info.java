/**
 * Who may connect. Receives every HTTP request from {@code channel}, refuses it or hands it, with
 * the user it belongs to, to {@code session}.
 */
@NullMarked
package dev.sente.server.gate;

import org.jspecify.annotations.NullMarked;
