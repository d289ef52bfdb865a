package dev.sente.example;

import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where the example listens, as the command line says. */
record Address(String host, int port) {

  /**
   * The place after {@code --port} and {@code --host}; ends the process with a sentence where the
   * command line says anything else. Without them 8080 of localhost: whoever reaches the example
   * can be anybody there, and change how it works.
   */
  static Address of(String[] args) {
    var left = new ArrayDeque<>(List.of(args));
    var host = "localhost";
    int port = 8080;
    while (!left.isEmpty()) {
      var name = left.pop();
      var value = left.poll();
      if (name.equals("--host") && value != null) {
        host = value;
      } else if (name.equals("--port") && isPort(value)) {
        port = Integer.parseInt(value);
      } else {
        System.err.println("Expected --port and a number from 0 to 65535, or --host and a name.");
        System.exit(2);
      }
    }
    return new Address(host, port);
  }

  private static boolean isPort(@Nullable String text) {
    return text != null && text.matches("\\d{1,5}") && Integer.parseInt(text) <= 65535;
  }
}
