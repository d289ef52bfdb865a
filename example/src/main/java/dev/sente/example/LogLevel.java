package dev.sente.example;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.util.Locale;
import org.slf4j.LoggerFactory;

/** How much the server logs. */
final class LogLevel {

  private LogLevel() {}

  /** Sets the level; what is none means {@code warn}. Returns what is set now. */
  static String set(String name) {
    var level = Level.toLevel(name, Level.WARN);
    ((Logger) LoggerFactory.getLogger("dev.sente")).setLevel(level);
    return level.toString().toLowerCase(Locale.ROOT);
  }
}
