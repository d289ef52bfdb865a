package dev.sente.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sente.server.channel.Round;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.nio.NioIoHandler;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LoopThreadsTest {

  private static final boolean IS_OLD = Runtime.version().feature() < 24;

  /** What another Java runs: says what the executor says. */
  static final class Main {
    public static void main(String[] args) {
      try {
        LoopThreads.executor();
        System.out.println("there");
      } catch (UnsupportedOperationException e) {
        System.out.println(e.getMessage());
      }
    }
  }

  private static String said(String... options) throws IOException {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(options));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    var process = new ProcessBuilder(command).redirectErrorStream(true).start();
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
  }

  @Test
  void tellsWhatJavaMustBeAndBeStartedWith() throws IOException {
    if (IS_OLD) {
      assertThat(said())
          .isEqualTo(
              "LoopThreads needs Java 24 or newer, and this is " + Runtime.version().feature());
    } else {
      assertThat(said())
          .isEqualTo(
              "LoopThreads needs Java to be started with"
                  + " --add-opens java.base/java.lang=ALL-UNNAMED");
      assertThat(said("--add-opens", "java.base/java.lang=ALL-UNNAMED")).isEqualTo("there");
    }
  }

  private final MultiThreadIoEventLoopGroup group =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final EventLoop loop = group.next();

  /** What is promised holds for the common threads of an older Java, too. */
  private final Executor executor = IS_OLD ? Round.virtualThreads() : LoopThreads.executor();

  @AfterEach
  void endLoop() {
    group.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(10, TimeUnit.SECONDS);
  }

  /** Hands the tasks over in one turn of the loop. */
  private void inOneTurn(Runnable... tasks) {
    loop.execute(
        () -> {
          LoopWriter.of(loop);
          for (var task : tasks) {
            executor.execute(task);
          }
        });
  }

  @Test
  void runsTasksInOrderOnVirtualThreads() {
    var order = new ConcurrentLinkedQueue<Integer>();
    var last = new CompletableFuture<Thread>();
    inOneTurn(
        () -> order.add(1),
        () -> order.add(2),
        () -> order.add(3),
        () -> last.complete(Thread.currentThread()));
    assertThat(end(last).isVirtual()).isTrue();
    assertThat(order).containsExactly(1, 2, 3);
  }

  @Test
  void aTaskThatWaitsHoldsUpNoOtherNorTheLoop() {
    var begun = new CompletableFuture<Void>();
    var go = new CompletableFuture<Void>();
    var done = new CompletableFuture<Void>();
    inOneTurn(
        () -> {
          begun.complete(null);
          go.join();
          done.complete(null);
        },
        begun::join,
        () -> loop.execute(() -> go.complete(null)));
    end(done);
  }

  @Test
  void aTaskThatWaitsForAMonitorHoldsUpNoOther() {
    var monitor = new Object();
    var locked = new CountDownLatch(1);
    var free = new CountDownLatch(1);
    var done = new CompletableFuture<Void>();
    Thread.ofPlatform()
        .start(
            () -> {
              synchronized (monitor) {
                locked.countDown();
                await(free);
              }
            });
    await(locked);
    inOneTurn(
        () -> {
          synchronized (monitor) {
            done.complete(null);
          }
        },
        free::countDown);
    end(done);
  }

  @Test
  void whoHoldsALockForWhichTheLoopWaitsGoesOnElsewhere() {
    var lock = new ReentrantLock();
    var locked = new CompletableFuture<Void>();
    var go = new CountDownLatch(1);
    var passed = new CompletableFuture<Void>();
    inOneTurn(
        () -> {
          lock.lock();
          try {
            locked.complete(null);
            await(go);
          } finally {
            lock.unlock();
          }
        });
    end(locked);
    loop.execute(
        () -> {
          go.countDown();
          lock.lock();
          try {
            passed.complete(null);
          } finally {
            lock.unlock();
          }
        });
    end(passed);
  }

  @Test
  void tasksBeginElsewhereWhileOneComputes() {
    var stop = new CompletableFuture<Void>();
    var last = new CompletableFuture<Void>();
    inOneTurn(
        () -> {
          while (!stop.isDone()) {
            Thread.onSpinWait();
          }
        },
        () -> stop.complete(null),
        () -> last.complete(null));
    end(last);
  }

  @Test
  void whoWaitsWhenTheLoopEndsGoesOn() {
    var begun = new CompletableFuture<Void>();
    var go = new CompletableFuture<Void>();
    var done = new CompletableFuture<Void>();
    inOneTurn(
        () -> {
          begun.complete(null);
          go.join();
          done.complete(null);
        });
    end(begun);
    endLoop();
    go.complete(null);
    end(done);
  }

  @Test
  void whatOneTaskThrowsOrIsToldIsNoMatterOfTheNext() {
    var interrupted = new CompletableFuture<Boolean>();
    inOneTurn(
        () -> {
          Thread.currentThread().setUncaughtExceptionHandler((thread, thrown) -> {});
          throw new IllegalStateException("on purpose");
        },
        () -> Thread.currentThread().interrupt(),
        () -> interrupted.complete(Thread.currentThread().isInterrupted()));
    assertThat(end(interrupted)).isFalse();
  }

  @Test
  void elsewhereTheThreadIsACommonOne() {
    // A loop that this thread runs by hand is none that could carry.
    LoopWriter.of(new EmbeddedChannel().eventLoop());
    var thread = new CompletableFuture<Thread>();
    executor.execute(() -> thread.complete(Thread.currentThread()));
    assertThat(end(thread).isVirtual()).isTrue();
    var nested = new CompletableFuture<Boolean>();
    inOneTurn(() -> executor.execute(() -> nested.complete(Thread.currentThread().isVirtual())));
    assertThat(end(nested)).isTrue();
  }

  /** What it ends with; not waited for as long as a loop that stands still for ever would take. */
  private static <T> T end(CompletableFuture<T> future) {
    return future.orTimeout(30, TimeUnit.SECONDS).join();
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
