package dev.sente.client;

/** Which transport the application wants. */
public enum TransportChoice {
  /**
   * Start with a WebSocket and take long-polling where that does not open; in v2 go on trying the
   * WebSocket beside it (V26).
   */
  AUTO,
  /** A WebSocket only. */
  WS,
  /** HTTP long-polling only. */
  AJAX
}
