package dev.sente.client;

/** What carries the events. */
public enum TransportType {
  /** A WebSocket. */
  WS,
  /** HTTP long-polling. */
  AJAX
}
