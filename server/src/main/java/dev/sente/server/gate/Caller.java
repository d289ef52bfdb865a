package dev.sente.server.gate;

import dev.sente.packer.Packer;
import org.jspecify.annotations.Nullable;

/**
 * Who is at the other end of a connection, as the gate has found. Outlives the request.
 *
 * @param request what the hooks saw, but for the message that a POST brings, and what a WebSocket's
 *     handshake is made of
 * @param clientId which of the user's clients; never trusted for identity
 * @param uid whose client this is; null for nobody's
 * @param packer the packer of this connection
 * @param address the address that its sessions are counted for
 * @param signOuts how many sign-outs there had been before it was asked whose client this is
 */
public record Caller(
    ConnectRequest request,
    String clientId,
    @Nullable String uid,
    Packer packer,
    String address,
    long signOuts) {}
