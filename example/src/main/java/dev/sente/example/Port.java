package dev.sente.example;

/** The port on the command line. */
final class Port {

  private Port() {}

  /** The port after {@code --port}; ends the process with a sentence where the rest is no port. */
  static int of(String[] args, int otherwise) {
    if (args.length == 0) {
      return otherwise;
    }
    if (args.length == 2 && args[0].equals("--port")) {
      try {
        int port = Integer.parseInt(args[1]);
        if (port >= 0 && port <= 65535) {
          return port;
        }
      } catch (NumberFormatException e) {
        // Told below.
      }
    }
    System.err.println("Expected --port and a number from 0 to 65535.");
    System.exit(2);
    return otherwise;
  }
}
