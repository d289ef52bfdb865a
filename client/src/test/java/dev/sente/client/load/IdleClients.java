package dev.sente.client.load;

import dev.sente.client.ChannelSocketClient;
import dev.sente.client.ClientOptions;
import dev.sente.client.TransportChoice;
import dev.sente.netty.NettyServer;
import dev.sente.server.ChannelSocketServer;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Measures what idle clients cost: {@code IdleClients 5000 WS}. The server runs in a process of its
 * own, so that what is measured is the clients' alone.
 */
public final class IdleClients {

  /** How many may be connecting at a time: a server's queue of new connections is bounded. */
  private static final int AT_A_TIME = 200;

  private static final Duration IDLE = Duration.ofSeconds(60);

  private IdleClients() {}

  /** Runs it. */
  public static void main(String[] args) throws Exception {
    if (args[0].equals("server")) {
      serve();
      return;
    }
    var server = startServer();
    try (var told = server.inputReader()) {
      int port = Integer.parseInt(told.readLine().strip());
      measure(
          Integer.parseInt(args[0]),
          TransportChoice.valueOf(args[1]),
          URI.create("http://127.0.0.1:" + port + "/chsk"));
    } finally {
      server.destroy();
    }
  }

  private static Process startServer() throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            IdleClients.class.getName(),
            "server")
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  private static void serve() throws InterruptedException {
    var chsk = ChannelSocketServer.builder().build();
    var server = NettyServer.builder().engine(chsk).host("127.0.0.1").port(0).start();
    System.out.println(server.port());
    new CountDownLatch(1).await();
  }

  private static void measure(int count, TransportChoice type, URI uri) throws Exception {
    var options = ClientOptions.builder().type(type).build();
    // One first, so that classes, pools and the shared HTTP client are there.
    var first = ChannelSocketClient.connect(uri, options);
    first.request("test/none", null).get(60, TimeUnit.SECONDS);
    long heap = heapAfterCollection();
    long resident = residentKilobytes();
    var clients = new ArrayList<ChannelSocketClient>(count);
    var all = new CountDownLatch(count);
    var permits = new Semaphore(AT_A_TIME);
    for (int i = 0; i < count; i++) {
      permits.acquire();
      var client = ChannelSocketClient.open(uri, options);
      client.onState(
          (state, previous) -> {
            if (state.firstOpen() && !previous.open()) {
              permits.release();
              all.countDown();
            }
          });
      client.connect();
      clients.add(client);
    }
    all.await();
    long heapNow = heapAfterCollection();
    long residentNow = residentKilobytes();
    var threads = ManagementFactory.getThreadMXBean();
    long cpu = cpuNanos();
    new CountDownLatch(1).await(IDLE.toMillis(), TimeUnit.MILLISECONDS);
    long spent = cpuNanos() - cpu;
    long open = clients.stream().filter(client -> client.state().open()).count();
    System.out.printf(
        "%d %s clients, %d open after %d s: heap %.1f KB each, resident %.1f KB each,"
            + " %d platform threads (peak %d), %.2f %% of a core while idle%n",
        count,
        type,
        open,
        IDLE.toSeconds(),
        (heapNow - heap) / 1024.0 / count,
        (residentNow - resident) / (double) count,
        threads.getThreadCount(),
        threads.getPeakThreadCount(),
        100.0 * spent / IDLE.toNanos());
    System.exit(0);
  }

  private static long cpuNanos() {
    return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }

  private static long heapAfterCollection() {
    for (int i = 0; i < 3; i++) {
      System.gc();
    }
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  private static long residentKilobytes() throws IOException {
    for (var line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("[^0-9]", ""));
      }
    }
    return 0;
  }
}
