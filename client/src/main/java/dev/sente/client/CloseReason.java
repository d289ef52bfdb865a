package dev.sente.client;

/** Why a connection, or an attempt at one, ended. */
public enum CloseReason {
  /** {@link ChannelSocketClient#disconnect} was called. */
  REQUESTED_DISCONNECT,
  /** {@link ChannelSocketClient#reconnect} was called. */
  REQUESTED_RECONNECT,
  /** A WebSocket was closed by a closing handshake, or the server said that it closes. */
  CLEAN,
  /** Anything else: no network, a server that went away, an answer that is none. */
  UNEXPECTED,
  /** Nothing came within the handshake time-out. */
  HANDSHAKE_TIMEOUT,
  /** Nothing was heard of the server for too long (V22). */
  WS_PING_TIMEOUT,
  /**
   * The server answered 401 or 403 to a handshake, or to later requests for the third time in a
   * row, or closed with a code from 4500 to 4999 (V23). The client does not come back by itself.
   */
  REFUSED,
  /**
   * The server does not speak this client's protocol, or broke its rules; or a message was refused
   * as it would be each time: by 400, 406 or 413, or by a WebSocket's close with 1009 (V24). The
   * client does not come back by itself.
   */
  PROTOCOL
}
