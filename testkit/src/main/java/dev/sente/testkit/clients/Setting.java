package dev.sente.testkit.clients;

import dev.sente.packer.Packer;
import java.util.Locale;

/** What a scene is played with. */
record Setting(TestedOptions.Type type, boolean classic, Packer packer) {

  /** Whether no WebSocket is used. */
  boolean isPolling() {
    return type == TestedOptions.Type.AJAX;
  }

  @Override
  public String toString() {
    return (classic ? "classic " : "") + type.name().toLowerCase(Locale.ROOT) + " " + packer.name();
  }
}
