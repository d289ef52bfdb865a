package dev.sente.benchmarks.subject;

import com.sun.management.ThreadMXBean;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import one.profiler.AsyncProfiler;

/**
 * Takes a subject's commands, a line each, from the standard input, and ends the process with it.
 *
 * <pre>
 *   broadcast NUMBER COUNT        sends COUNT events in a row, numbered from NUMBER, to all clients
 *   push NUMBER FIRST COUNT       sends the event NUMBER to each of COUNT clients from FIRST on
 *   allocated                     answers "allocated BYTES", by all threads since the start
 *   heap                          collects garbage and answers "heap BYTES" in use
 *   profile-start                 begins to look where CPU time goes
 *   profile-stop FILE             ends it, writes FILE.html and FILE.collapsed, answers this line and 0
 *   quit
 * </pre>
 */
public final class Console {

  private Console() {}

  /** Says {@code READY port}, and serves until the input ends. */
  public static void serve(Serving serving) {
    var out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    out.println("READY " + serving.port());
    try (var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      for (var line = in.readLine(); line != null; line = in.readLine()) {
        String[] words = line.split(" ", -1);
        switch (words[0]) {
          case "broadcast" -> serving.broadcast(number(words[1]), (int) number(words[2]));
          case "push" ->
              serving.push(number(words[1]), (int) number(words[2]), (int) number(words[3]));
          case "allocated" -> out.println("allocated " + allocated());
          case "heap" -> out.println("heap " + heap());
          case "profile-start" ->
              AsyncProfiler.getInstance()
                  .execute("start,event=ctimer,interval=500us,threads=false");
          case "profile-stop" -> {
            profiled(line.substring(words[0].length() + 1));
            out.println(line + " 0");
          }
          case "quit" -> System.exit(0);
          default -> throw new IllegalArgumentException("no such command: " + line);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      System.exit(0);
    }
  }

  private static void profiled(String file) throws IOException {
    var profiler = AsyncProfiler.getInstance();
    profiler.execute("stop");
    profiler.execute("flamegraph,title=Server CPU,file=" + file + ".html");
    profiler.execute("collapsed,file=" + file + ".collapsed");
  }

  private static long number(String word) {
    return Long.parseLong(word);
  }

  private static long allocated() {
    return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getTotalThreadAllocatedBytes();
  }

  /** Thrice: the first finds what the others clear, and lets the heap shrink. */
  private static long heap() {
    for (int i = 0; i < 3; i++) {
      System.gc();
    }
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }
}
