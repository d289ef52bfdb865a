package dev.sente.server.users;

/** How a client is connected. */
public enum Transport {
  /** A WebSocket. */
  WEB_SOCKET,
  /** Long-polling. */
  AJAX
}
