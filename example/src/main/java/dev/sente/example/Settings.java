package dev.sente.example;

/**
 * What is the same for all who look at the example.
 *
 * @param broadcastLoop whether everyone gets an event each second
 * @param badConnectionPercent how many of a hundred messages cut their connection instead
 * @param logLevel how much the server and the pages log
 */
record Settings(boolean broadcastLoop, int badConnectionPercent, String logLevel) {

  static final Settings AT_FIRST = new Settings(false, 0, "warn");

  Settings withBroadcastLoop(boolean on) {
    return new Settings(on, badConnectionPercent, logLevel);
  }

  Settings withBadConnectionPercent(int percent) {
    return new Settings(broadcastLoop, percent, logLevel);
  }

  Settings withLogLevel(String level) {
    return new Settings(broadcastLoop, badConnectionPercent, level);
  }
}
