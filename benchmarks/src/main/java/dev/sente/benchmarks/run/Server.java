package dev.sente.benchmarks.run;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/** A subject's process, told what to do a line at a time; what it costs is asked of the system. */
final class Server implements AutoCloseable {

  /** Linux tells CPU times in hundredths of a second, whatever its clock is. */
  private static final long TICK_NANOS = 10_000_000;

  /** Stands for the end of what it says. */
  private static final String ENDED = "(the end)";

  private final Process process;
  private final Writer in;
  private final BlockingQueue<String> answers = new ArrayBlockingQueue<>(64);

  /** Set once, before it is handed to anyone. */
  private int port;

  private Server(List<String> command) throws IOException {
    process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    in = process.outputWriter(StandardCharsets.UTF_8);
    Thread.ofVirtual().start(this::readAnswers);
  }

  /**
   * Starts one, and waits until it listens.
   *
   * @throws IllegalStateException where it does not
   */
  static Server start(List<String> command) {
    Server server;
    try {
      server = new Server(command);
    } catch (IOException e) {
      throw new IllegalStateException("the server does not start: " + e.getMessage(), e);
    }
    try {
      server.port = (int) server.answer("READY");
    } catch (IllegalStateException e) {
      server.close();
      throw e;
    }
    return server;
  }

  private void readAnswers() {
    try (var out =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (var line = out.readLine(); line != null; line = out.readLine()) {
        if (!answers.offer(line)) {
          System.err.println(line);
        }
      }
    } catch (IOException e) {
      // The process has ended.
    } finally {
      answers.offer(ENDED);
    }
  }

  int port() {
    return port;
  }

  long pid() {
    return process.pid();
  }

  /**
   * Tells it to do something; any thread.
   *
   * @throws IllegalStateException where it has ended
   */
  void tell(String command) {
    try {
      synchronized (in) {
        in.write(command + "\n");
        in.flush();
      }
    } catch (IOException e) {
      throw new IllegalStateException("the server has ended", e);
    }
  }

  /** Asks for a number. */
  long ask(String what) {
    tell(what);
    return answer(what);
  }

  /** Begins to look where its CPU time goes. */
  void startProfile() {
    tell("profile-start");
  }

  /** Ends it, and writes flame graphs of this name. */
  void writeProfile(Path folder, Subject subject, Workload workload) {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    var name = workload.name() + "-" + subject.name();
    ask("profile-stop " + folder.toAbsolutePath().resolve(name));
  }

  private long answer(String name) {
    try {
      while (true) {
        var line = answers.poll(60, TimeUnit.SECONDS);
        if (line == null) {
          throw new IllegalStateException("the server did not answer " + name);
        } else if (line.equals(ENDED)) {
          throw new IllegalStateException("the server has ended");
        }
        if (line.startsWith(name + " ")) {
          return Long.parseLong(line.substring(name.length() + 1).strip());
        }
        System.err.println(line);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  /**
   * The CPU time that all its threads, also those that have ended, took so far: user and system.
   */
  long cpuNanos() {
    return cpuNanos(read("stat"));
  }

  /** The part of it that the JVM's compilers took. */
  long compilerNanos() {
    long sum = 0;
    var names = Path.of("/proc", Long.toString(process.pid()), "task").toFile().list();
    for (var thread : names == null ? new String[0] : names) {
      try {
        var stat = read("task/" + thread + "/stat");
        if (stat.contains("(C1 Compiler") || stat.contains("(C2 Compiler")) {
          sum += cpuNanos(stat);
        }
      } catch (IllegalStateException e) {
        // This thread has ended meanwhile.
      }
    }
    return sum;
  }

  private static long cpuNanos(String stat) {
    // The second field is the command in brackets, which may hold spaces.
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) * TICK_NANOS;
  }

  /** Its resident memory, in bytes. */
  long residentBytes() {
    for (var line : read("status").split("\n", -1)) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("\\D+", "")) * 1024;
      }
    }
    throw new IllegalStateException("the system tells no VmRSS");
  }

  private String read(String file) {
    try {
      return Files.readString(Path.of("/proc", Long.toString(process.pid()), file));
    } catch (IOException e) {
      throw new IllegalStateException("the server has ended", e);
    }
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
