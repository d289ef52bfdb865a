package dev.sente.netty;

import io.netty.util.concurrent.FastThreadLocal;
import io.netty.util.concurrent.SingleThreadEventExecutor;
import java.lang.reflect.Constructor;
import java.lang.reflect.InaccessibleObjectException;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;

/**
 * Virtual threads that are carried by Netty's event loops, for hooks and handlers. An event is
 * handled by the thread that has read it, and no other has to be woken for it, which saves up to a
 * quarter of what a request with its reply costs (benchmarks/README.md). Not the default, since it
 * takes more care, and a door into Java that has to be opened:
 *
 * <pre>{@code
 * var chsk = ChannelSocketServer.builder().executor(LoopThreads.executor()).build();
 * }</pre>
 *
 * <p>Java is to be started with {@code --add-opens java.base/java.lang=ALL-UNNAMED}, or with a jar
 * whose manifest says {@code Add-Opens: java.base/java.lang}.
 *
 * <p>Hooks and handlers may wait as on any virtual thread: for locks, sockets, replies, databases
 * whose drivers are written in Java. The event loop goes on meanwhile. But while one computes, or
 * waits where Java does not see it (files, the look-up of a host's name, native code), its event
 * loop neither reads nor writes, and all its clients wait. Other hooks and handlers of that loop
 * then go on on another thread, after {@value LoopCarrier#PATIENCE} to twice as many milliseconds,
 * and a warning is logged.
 *
 * <p>So is it with virtual threads that hooks and handlers start, be it by an executor or a
 * structured scope: Java has them carried by what carries who starts them, so by the same event
 * loop, for as long as they live. What computes belongs on platform threads, as those of {@code
 * Executors.newFixedThreadPool}; virtual threads that are to live long are started elsewhere.
 */
public final class LoopThreads {

  /** Before, a virtual thread that waits within {@code synchronized} keeps its carrier. */
  private static final int LEAST_JAVA = 24;

  private static final FastThreadLocal<LoopCarrier> CARRIERS = new FastThreadLocal<>();

  private LoopThreads() {}

  /**
   * An executor for {@code dev.sente.server.Builder.executor}. What it is given elsewhere than on
   * an event loop runs on a virtual thread of its own, carried by what carries the giver where that
   * is a virtual thread, and commonly where it is not. Several clients' events may share a thread
   * where none of them waits. It refuses no task.
   *
   * @throws UnsupportedOperationException where this Java has no such threads, is older than 24, or
   *     was started without the option above; the message tells which
   */
  public static Executor executor() {
    int java = Runtime.version().feature();
    if (java < LEAST_JAVA) {
      throw new UnsupportedOperationException(
          "LoopThreads needs Java " + LEAST_JAVA + " or newer, and this is " + java);
    }
    var builder = builder();
    return task -> execute(builder, task);
  }

  private static void execute(Constructor<?> builder, Runnable task) {
    var writer = Thread.currentThread().isVirtual() ? null : LoopWriter.ofThisThread();
    if (writer == null || !(writer.loop() instanceof SingleThreadEventExecutor)) {
      Thread.ofVirtual().name("sente-handler").start(task);
      return;
    }
    LoopCarrier carrier = CARRIERS.getIfExists();
    if (carrier == null) {
      carrier = LoopCarrier.of(writer.loop(), scheduler -> threads(builder, scheduler));
      CARRIERS.set(carrier);
    }
    carrier.add(task);
  }

  /** Java's own way to have a scheduler, which it keeps for its tests as yet. */
  private static Constructor<?> builder() {
    try {
      var builder =
          Class.forName("java.lang.ThreadBuilders$VirtualThreadBuilder")
              .getDeclaredConstructor(Executor.class);
      builder.setAccessible(true);
      return builder;
    } catch (InaccessibleObjectException e) {
      var module = LoopThreads.class.getModule();
      throw new UnsupportedOperationException(
          "LoopThreads needs Java to be started with --add-opens java.base/java.lang="
              + (module.isNamed() ? module.getName() : "ALL-UNNAMED"),
          e);
    } catch (ReflectiveOperationException e) {
      throw new UnsupportedOperationException(
          "Java " + Runtime.version().feature() + " has no virtual threads with a scheduler", e);
    }
  }

  private static ThreadFactory threads(Constructor<?> builder, Executor scheduler) {
    try {
      return ((Thread.Builder.OfVirtual) builder.newInstance(scheduler))
          .name("sente-handler")
          .factory();
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }
}
