package dev.sente.client.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sente.client.ChannelSocketClient;
import dev.sente.client.TransportChoice;
import dev.sente.wire.Reply;
import java.io.IOError;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * The handlers of a client in v2: one at a time, whatever they do, and bounded in what waits for
 * them.
 */
class StreamHandlersTest extends StreamScene {

  /** How long other threads may take on a machine that is busy. Nothing is measured by it. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @Test
  void handlersThatAreBehindStopTheReading() {
    var held = new ArrayList<Runnable>();
    behind(held);
    assertThat(network.socket().unread()).isEqualTo(3);
    var tasks = List.copyOf(held);
    held.clear();
    tasks.forEach(Runnable::run);
    time.settle();
    assertThat(got).containsExactly(1L, 2L, 3L, 4L, 5L);
  }

  @Test
  void aHandlerGetsItsAnswerThoughTheInboxWasFullBefore() {
    var client = connect(options(TransportChoice.WS).inboxEvents(2));
    var reply = askedByTheFirstHandler(client, () -> {});
    shake(fresh("T1"));
    network.socket().say(FIVE_EVENTS);
    // The first handler has not begun yet, so nobody waits for an answer.
    network.socket().say("[[[:chsk/reply [1 :yes]]]]");
    assertThat(network.socket().unread()).isEqualTo(1);
    time.settle();
    assertThat(reply).isCompletedWithValueMatching(Reply.Value.class::isInstance);
  }

  @Test
  void aHandlerGetsItsAnswerByLongPollingThoughTheInboxWasFullBefore() {
    var client = connect(options(TransportChoice.AJAX).inboxEvents(2));
    var reply =
        askedByTheFirstHandler(
            client, () -> network.request("GET").answer("[[[:chsk/reply [1 :yes]]]]"));
    network.request("GET").answer(fresh("T1"));
    time.settle();
    network.request("GET").answer(FIVE_EVENTS);
    assertThat(network.isWaiting("GET")).isFalse();
    time.settle();
    assertThat(errors).isEmpty();
    assertThat(reply).isCompletedWithValueMatching(Reply.Value.class::isInstance);
  }

  @Test
  void anErrorOfAHandlersKeepsNoOtherFromRunning() {
    var client = open();
    client.on(
        "test/bad",
        event -> {
          throw new IOError(new IOException("disk"));
        });
    client.answer(
        "test/asked",
        request -> {
          throw new OutOfMemoryError("heap");
        });
    say("[[[:test/bad] [:chsk/request [1 [:test/asked]]] [:test/down 1]]]");
    say("[[[:test/down 2]]]");
    assertThat(got).containsExactly(1L, 2L);
    assertThat(errors).containsExactly("test/bad: java.io.IOException: disk", "test/asked: heap");
    assertThat(network.socket().takeSent())
        .containsExactly("[[[:chsk/error [1 {:code \"handler-error\"}]]]]");
  }

  @Test
  void anErrorOfOnErrorKeepsNoHandlerFromRunning() {
    var client =
        connect(
            options(TransportChoice.WS)
                .onError(
                    (error, where) -> {
                      throw new AssertionError("told");
                    }));
    client.on(
        "test/bad",
        event -> {
          throw new IllegalStateException();
        });
    shake(fresh("T1"));
    say("[[[:test/bad] [:test/down 1]]]");
    say("[[[:test/down 2]]]");
    assertThat(got).containsExactly(1L, 2L);
  }

  @Test
  void anInterruptIsOneHandlersOwn() {
    var client = open();
    var interrupted = new ArrayList<Boolean>();
    client.on(
        "test/wait",
        event -> {
          throw new InterruptedException("given up");
        });
    client.on("test/wait", event -> interrupted.add(Thread.currentThread().isInterrupted()));
    client.on("test/stop", event -> Thread.currentThread().interrupt());
    client.on("test/next", event -> interrupted.add(Thread.currentThread().isInterrupted()));
    say("[[[:test/wait] [:test/stop] [:test/next]]]");
    assertThat(Thread.interrupted()).isFalse();
    assertThat(interrupted).containsExactly(false, false);
  }

  @Test
  void whatTheExecutorRejectsRunsAllTheSame() {
    var isFull = new AtomicBoolean();
    var client =
        connect(
            options(TransportChoice.WS)
                .executor(
                    task -> {
                      if (isFull.get()) {
                        throw new RejectedExecutionException("full");
                      }
                      time.execute(task);
                    }));
    var ran = new CompletableFuture<@Nullable Object>();
    client.on("test/down", event -> ran.complete(event.data()));
    shake(fresh("T1"));
    var asked = client.request("test/ask", 1);
    isFull.set(true);
    say("[[[:test/down 1] [:chsk/reply [1 2]]]]");
    assertThat(ran).succeedsWithin(PATIENCE).isEqualTo(1L);
    assertThat(asked).succeedsWithin(PATIENCE).isInstanceOf(Reply.Value.class);
  }

  /** As by a pool that gets no thread for a task, though it has taken it in. */
  @Test
  void whatTheExecutorFailsAtRunsOnceAndHoldsUpNothing() throws InterruptedException {
    var kept = new ConcurrentLinkedQueue<Runnable>();
    var fails = new AtomicBoolean();
    var client =
        connect(
            options(TransportChoice.WS)
                .executor(
                    task -> {
                      if (fails.get()) {
                        kept.add(task);
                        throw new InternalError("unable to create a thread");
                      }
                      time.execute(task);
                    }));
    var ran = new LinkedBlockingQueue<Long>();
    client.on("test/down", Long.class, (number, event) -> ran.add(number));
    shake(fresh("T1"));
    fails.set(true);
    say("[[[:test/down 1]]]");
    assertThat(ran.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isEqualTo(1);
    fails.set(false);
    say("[[[:test/down 2]]]");
    assertThat(ran.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isEqualTo(2);
    // Now it has a thread for what it had taken in.
    Thread.ofVirtual().start(kept.remove()).join();
    assertThat(ran).isEmpty();
    assertThat(kept).isEmpty();
    assertThat(errors).containsExactly("executor: unable to create a thread");
  }

  /** As by a full pool that has its callers run what it has no thread for. */
  @Test
  void whatTheExecutorRunsOnItsCallersThreadHoldsUpNoFrame() {
    var isFull = new AtomicBoolean();
    var client =
        connect(
            options(TransportChoice.WS)
                .executor(
                    task -> {
                      if (isFull.get()) {
                        task.run();
                      } else {
                        time.execute(task);
                      }
                    }));
    var ran = new CompletableFuture<Thread>();
    client.on("test/down", event -> ran.complete(Thread.currentThread()));
    shake(fresh("T1"));
    var answered = client.request("test/ask", 1).thenApply(reply -> Thread.currentThread());
    isFull.set(true);
    say("[[[:test/down 1] [:chsk/reply [1 2]]]]");
    // This one brings the frames: a handler on it that waits for its answer would wait for ever.
    assertThat(ran).succeedsWithin(PATIENCE).isNotEqualTo(Thread.currentThread());
    assertThat(answered).succeedsWithin(PATIENCE).isNotEqualTo(Thread.currentThread());
  }

  private static final String FIVE_EVENTS =
      "[[[:test/ask] [:test/ask] [:test/ask] [:test/ask] [:test/ask]]]";

  /**
   * What the first event's handler is answered while it waits and holds up the others.
   *
   * @param server answers
   */
  private CompletableFuture<@Nullable Reply> askedByTheFirstHandler(
      ChannelSocketClient client, Runnable server) {
    var reply = new CompletableFuture<@Nullable Reply>();
    client.on(
        "test/ask",
        event -> {
          if (!reply.isDone()) {
            var asked = client.request("test/question", null);
            server.run();
            time.settle();
            reply.complete(asked.getNow(null));
          }
        });
    return reply;
  }

  @Test
  void aHandlerLearnsWhatIsDeliveredThoughTheInboxWasFullBefore() {
    var client = connect(options(TransportChoice.WS).inboxEvents(2));
    var delivered = new CompletableFuture<@Nullable Boolean>();
    client.on(
        "test/ask",
        event -> {
          if (!delivered.isDone()) {
            client.send("test/up", 1);
            var all = client.delivered();
            time.settle();
            delivered.complete(all.getNow(null));
          }
        });
    shake(fresh("T1"));
    network.socket().say(FIVE_EVENTS);
    network.socket().say("[[:chsk/ack 1]]");
    assertThat(network.socket().unread()).isEqualTo(1);
    time.settle();
    assertThat(delivered).isCompletedWithValue(true);
  }

  @Test
  void whatWaitsForHandlersIsBoundedInBytesToo() {
    var client = connect(options(TransportChoice.WS).maxMessageBytes(1000));
    shake(fresh("T1"));
    var large = "[[[:test/down \"" + "x".repeat(900) + "\"]]]";
    for (int i = 0; i < 20; i++) {
      network.socket().say(large);
    }
    // 16 times the largest message.
    assertThat(network.socket().unread()).isEqualTo(2);
    time.settle();
    assertThat(got).hasSize(20);
    for (int i = 0; i < 100; i++) {
      var ignored = client.request("test/ask", i);
      network.socket().say(large);
    }
    // And 64 times while a handler may wait for what stands behind.
    assertThat(network.socket().unread()).isEqualTo(100 - 70);
    time.settle();
    assertThat(got).hasSize(120);
  }

  @Test
  void handlersCanBeTakenOutAndDoNotDisturbEachOther() {
    var client = open();
    client.on(
        "test/down",
        event -> {
          throw new IllegalStateException("first");
        });
    var any = new ArrayList<String>();
    var second = client.on("test/down", event -> any.add("second"));
    client.onAny((event, isHandled) -> any.add(event.id() + " " + isHandled));
    say("[[[:test/down 1] [:test/other]]]");
    assertThat(any).containsExactly("second", "test/down true", "test/other false");
    assertThat(errors).containsExactly("test/down: first");
    second.remove();
    any.clear();
    say("[[[:test/down 2]]]");
    assertThat(any).containsExactly("test/down true");
  }
}
