package dev.sente.client;

/** Which wire protocol to speak. */
public enum Protocol {
  /** Every event exactly once and in order, over connections that come and go. */
  V2,
  /** What Clojure's Sente 1.21 and 1.22 speak: events at most once, nothing is resumed. */
  CLASSIC
}
