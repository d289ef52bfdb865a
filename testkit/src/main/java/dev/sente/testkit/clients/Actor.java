package dev.sente.testkit.clients;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sente.packer.PackedValue;
import dev.sente.wire.Reply;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A client in a scene, and all that it has heard. */
final class Actor implements ClientListener {

  /** An event that came. */
  record Got(String id, @Nullable Object data) {}

  private final Watch watch;
  private final List<Got> got = new CopyOnWriteArrayList<>();
  private final List<TestedState> states = new CopyOnWriteArrayList<>();
  private final List<String> errors = new CopyOnWriteArrayList<>();
  private @Nullable TestedClient client;

  /** How many states the scene has waited for. */
  private int seen;

  Actor(Watch watch) {
    this.watch = watch;
  }

  void plays(TestedClient client) {
    this.client = client;
  }

  TestedClient client() {
    if (client == null) {
      throw new IllegalStateException("not connected");
    }
    return client;
  }

  @Override
  public void onEvent(String id, @Nullable Object data) {
    got.add(new Got(id, Plain.of(data)));
    watch.tell();
  }

  @Override
  public void onState(TestedState state) {
    states.add(state);
    watch.tell();
  }

  @Override
  public void onError(String what) {
    errors.add(what);
  }

  /** All events so far. */
  List<Got> got() {
    return List.copyOf(got);
  }

  /** The data of the events so far. */
  List<@Nullable Object> data() {
    var data = new ArrayList<@Nullable Object>();
    got().forEach(event -> data.add(event.data()));
    return data;
  }

  List<TestedState> states() {
    return List.copyOf(states);
  }

  /** Waits for so many events. */
  void hears(int events) throws InterruptedException {
    watch.until(
        () -> events + " events, has " + got.size() + "; " + this, () -> got.size() >= events);
  }

  /** Waits for a state after those that were waited for before. */
  TestedState next(String what, Predicate<TestedState> isIt) throws InterruptedException {
    watch.until(() -> "the state: " + what + "; " + this, () -> skipTo(isIt));
    return states.get(seen - 1);
  }

  private boolean skipTo(Predicate<TestedState> isIt) {
    while (seen < states.size()) {
      if (isIt.test(states.get(seen++))) {
        return true;
      }
    }
    return false;
  }

  TestedState nextOpen() throws InterruptedException {
    return next("open", TestedState::open);
  }

  TestedState nextClosed() throws InterruptedException {
    return next("not open", state -> !state.open());
  }

  /** Once it was open, it has been so all the time. */
  void stayedOpen() {
    var rest = states().stream().dropWhile(state -> !state.open()).toList();
    assertThat(rest).as("%s", this).isNotEmpty().allMatch(TestedState::open);
  }

  /** No session was ever lost. */
  void lostNothing() {
    assertThat(states()).as("%s", this).allMatch(state -> state.lost() == null);
  }

  boolean send(String id, @Nullable Object data) {
    return client().send(id, data);
  }

  CompletableFuture<Reply> asks(String id, @Nullable Object data) {
    return client().request(id, data, Watch.PATIENCE);
  }

  Reply ask(String id, @Nullable Object data) throws Exception {
    return outcome(asks(id, data));
  }

  /** What becomes of a request. */
  Reply outcome(CompletableFuture<Reply> reply) throws Exception {
    var outcome = reply.orTimeout(Watch.PATIENCE.toSeconds() + 30, TimeUnit.SECONDS).get();
    return outcome instanceof Reply.Value(PackedValue value)
        ? new Reply.Value(PackedValue.of(Plain.of(value.value())))
        : outcome;
  }

  /** Asks for data to be sent back, and checks that it is. */
  void echoes(@Nullable Object data) throws Exception {
    assertThat(ask("scene/echo", data))
        .as("%s", this)
        .isInstanceOfSatisfying(
            Reply.Value.class, value -> assertThat(value.value().value()).isEqualTo(data));
  }

  /** The same in classic mode, where what was under way when a connection broke is gone. */
  void echoesAtLast(@Nullable Object data) throws Exception {
    long deadline = Watch.deadline();
    while (!Watch.isOver(deadline)) {
      if (outcome(client().request("scene/echo", data, Duration.ofSeconds(2)))
          instanceof Reply.Value(PackedValue value)) {
        assertThat(value.value()).isEqualTo(data);
        return;
      }
    }
    throw new AssertionError("no answer ever came; " + this);
  }

  @Override
  public String toString() {
    var all = states();
    return "the last states are "
        + all.subList(Math.max(0, all.size() - 4), all.size())
        + ", the errors "
        + errors;
  }
}
