package dev.sente.benchmarks.run;

import dev.sente.benchmarks.load.Latencies;

/**
 * What one round brought.
 *
 * @param parcels in which they came: WebSocket messages, or answers to polls
 * @param cpuNanos the server's CPU time, user and system, all threads
 * @param compilerNanos the part of it that compiled the server's code
 * @param driverNanos the driver's
 * @param allocated bytes by the server
 */
record Round(
    long messages,
    long parcels,
    long wallNanos,
    long cpuNanos,
    long compilerNanos,
    long driverNanos,
    long allocated,
    Latencies latencies) {

  double cpuMicros() {
    return cpuNanos / 1e3 / messages;
  }

  double compilerShare() {
    return cpuNanos == 0 ? 0 : (double) compilerNanos / cpuNanos;
  }

  double perSecond() {
    return messages * 1e9 / wallNanos;
  }
}
