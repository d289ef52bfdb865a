package dev.sente.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sente.event.Event;
import dev.sente.server.channel.Round;
import dev.sente.wire.Reply;
import java.time.Duration;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the application's executor fails at runs all the same, and once. */
@Timeout(60)
class ExecutorTest {

  private static final String ALICE = "uid=alice&client-id=a";
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @SuppressWarnings("ThreadLocalUsage")
  private final NoMemory noMemory = new NoMemory();

  private final AtomicBoolean fails = new AtomicBoolean();
  private final ConcurrentLinkedQueue<Runnable> kept = new ConcurrentLinkedQueue<>();
  private final LinkedBlockingQueue<Object> ran = new LinkedBlockingQueue<>();

  @AfterEach
  void end() {
    noMemory.end();
  }

  /** Its executor keeps what it fails at, as a pool may that gets no thread for what it took in. */
  private Scene scene(String kind) {
    var after = new Executor[1];
    var scene =
        new Scene(
            o ->
                o.userId(
                        request -> {
                          request.param("shown").ifPresent(ran::add);
                          return request.param("uid").orElse(null);
                        })
                    .executor(
                        task -> {
                          if (fails.get()) {
                            kept.add(task);
                            fail(kind);
                          }
                          after[0].execute(task);
                        }));
    after[0] = scene.time;
    scene.server.on("test/number", Long.class, (number, event) -> ran.add(number));
    return scene;
  }

  private static void fail(String kind) {
    switch (kind) {
      case "rejected" -> throw new RejectedExecutionException("full");
      case "exception" -> throw new IllegalStateException("on purpose");
      default -> throw new InternalError("unable to create a thread");
    }
  }

  private @Nullable Object next() throws InterruptedException {
    return ran.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  @ParameterizedTest
  @ValueSource(strings = {"rejected", "exception", "error"})
  void aHandlerRunsOnceAndHoldsUpNone(String kind) throws InterruptedException {
    var scene = scene(kind);
    var socket = scene.connect(ALICE);
    fails.set(true);
    scene.say(socket, "[[:test/number 1]]");
    assertThat(next()).isEqualTo(1L);
    fails.set(false);
    scene.say(socket, "[[:test/number 2]]");
    assertThat(next()).isEqualTo(2L);
    kept.forEach(Runnable::run);
    assertThat(ran).isEmpty();
  }

  @Test
  void aHookIsAsked() throws InterruptedException {
    var scene = scene("rejected");
    fails.set(true);
    scene.channels.webSocket(ALICE + "&shown=1");
    assertThat(next()).isEqualTo("1");
  }

  @Test
  void aUserComes() throws InterruptedException {
    var scene = scene("rejected");
    scene.server.on("chsk/uidport-open", event -> ran.add(event.id()));
    var answer = scene.channels.webSocket(ALICE);
    fails.set(true);
    scene.time.settle();
    assertThat(next()).isEqualTo("chsk/uidport-open");
    fails.set(false);
    scene.say(answer.socket(), "[[:test/number 1]]");
    assertThat(next()).isEqualTo(1L);
  }

  @Test
  void aRequestIsAnswered() {
    var scene = scene("rejected");
    var socket = scene.channels.webSocket(ALICE, "Sec-WebSocket-Protocol", "sente.v2");
    scene.time.settle();
    fails.set(true);
    var reply = scene.server.request("alice", Event.of("ask/me"), Duration.ofSeconds(5));
    scene.time.settle();
    scene.say(socket.socket(), "[[[:chsk/reply [1 2]]]]");
    assertThat(reply).succeedsWithin(PATIENCE).isInstanceOf(Reply.Value.class);
  }

  /** What an executor runs where it is given it throws there what it likes, as before. */
  @Test
  void whatIsThrownByATaskIsNoFailureOfTheExecutors() throws InterruptedException {
    var scene = new Scene(o -> o.executor(Runnable::run));
    scene.server.on(
        "test/dies",
        event -> {
          ran.add(event.id());
          throw new InternalError("on purpose");
        });
    scene.server.on("test/number", Long.class, (number, event) -> ran.add(number));
    var socket = scene.connect(ALICE);
    assertThat(
            org.assertj.core.api.Assertions.catchThrowable(
                () -> scene.say(socket, "[[:test/dies]]")))
        .isInstanceOf(InternalError.class);
    scene.say(socket, "[[:test/number 1]]");
    assertThat(next()).isEqualTo("test/dies");
    assertThat(next()).isEqualTo(1L);
    assertThat(ran).isEmpty();
  }

  @Test
  void whereThereIsNoMemoryForAThreadItRunsLater() throws InterruptedException {
    var after = new Executor[1];
    var scene = new Scene(o -> o.executor(task -> after[0].execute(task)));
    after[0] = scene.time;
    scene.server.on("test/number", Long.class, (number, event) -> ran.add(number));
    var socket = scene.connect(ALICE);
    after[0] = Round.virtualThreads();
    noMemory.begin();
    scene.say(socket, "[[:test/number 1]]");
    scene.say(socket, "[[:test/number 2]]");
    scene.pass(1000);
    assertThat(ran).isEmpty();
    noMemory.end();
    scene.pass(1000);
    assertThat(next()).isEqualTo(1L);
    assertThat(next()).isEqualTo(2L);
  }
}
