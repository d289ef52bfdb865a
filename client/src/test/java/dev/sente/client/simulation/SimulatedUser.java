package dev.sente.client.simulation;

import dev.sente.client.ChannelSocketClient;
import dev.sente.client.ClientOptions;
import dev.sente.client.ClientState;
import dev.sente.client.TransportChoice;
import dev.sente.event.Event;
import dev.sente.packer.edn.EdnPacker;
import dev.sente.testkit.FakeTime;
import dev.sente.wire.Reply;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/** An application with the real client, and what must be true of it whatever happens. */
final class SimulatedUser {

  final String name;
  final ChannelSocketClient client;
  private final FakeTime time;
  private final BiConsumer<Boolean, String> check;
  private final Consumer<String> log;
  private final ArrayDeque<Runnable> heldBack = new ArrayDeque<>();
  private String uid;

  /** Whether handlers are behind. */
  private boolean busy;

  // What was said to the server and what came of it.
  private long said;
  private long lastHandled;
  private final Set<Long> unhandled = new HashSet<>();
  private long toldLost;
  private final Map<Long, CompletableFuture<Reply>> requests = new HashMap<>();

  private final List<CompletableFuture<Boolean>> deliveries = new ArrayList<>();

  /** What was told of deliveries that is wrong where no session was lost. */
  private final List<String> toldWrong = new ArrayList<>();

  // What the server said.
  long pushed;
  private long lastGot;
  private final Set<Long> missing = new HashSet<>();

  /** What was left out in a session that went on: each must turn out to have been refused. */
  private final Set<Long> passedOver = new HashSet<>();

  private final Set<Long> refused = new HashSet<>();

  /** Whether a gap is explained: the session is a new one. */
  private boolean freshSession = true;

  private int sessions;

  SimulatedUser(
      String name,
      FakeTime time,
      RandomGenerator random,
      SimulatedNetwork network,
      TransportChoice type,
      BiConsumer<Boolean, String> check,
      Consumer<String> log) {
    this.name = name;
    this.uid = "u" + name;
    this.time = time;
    this.check = check;
    this.log = log;
    var options =
        ClientOptions.builder()
            .type(type)
            .packer(EdnPacker.DEFAULT)
            .clientId(name)
            .params(() -> Map.of("uid", uid))
            .inboxEvents(8)
            .time(time)
            .dates(() -> Instant.EPOCH)
            .executor(executor())
            .random(random)
            .network(network)
            .onError(this::failed)
            .build();
    client = ChannelSocketClient.open(URI.create("http://server.test/chsk"), options);
    client.on("sim/pushed", Long.class, (number, event) -> got(number));
    client.answer(
        "sim/asked",
        Long.class,
        (number, event) -> {
          got(number);
          return number;
        });
    client.onState(this::changed);
  }

  String uid() {
    return uid;
  }

  /** What the network does to a client is told it, and is no fault of the client's. */
  private void failed(Throwable error, String where) {
    check.accept(
        error instanceof IOException || error instanceof TimeoutException,
        where + " failed: " + error);
  }

  /** Runs the application's code, unless it is busy; never within other code. */
  private Executor executor() {
    return task -> time.execute(() -> runOrHold(task));
  }

  private void runOrHold(Runnable task) {
    if (busy) {
      heldBack.add(task);
    } else {
      task.run();
    }
  }

  void beBusy(boolean now) {
    busy = now;
    while (!busy && !heldBack.isEmpty()) {
      heldBack.remove().run();
    }
  }

  void become(String other) {
    uid = other;
    client.reconnect();
  }

  // Two losses may be equal, and are two nonetheless.
  @SuppressWarnings("ReferenceEquality")
  private void changed(ClientState state, ClientState previous) {
    log.accept(name + " " + state);
    if (state.open() && !state.resumed() && (!previous.open() || state.lost() != previous.lost())) {
      freshSession = true;
      sessions++;
      if (state.lost() != null) {
        toldLost += state.lost().sent().size();
      }
      check.accept(
          sessions == 1 || state.lost() != null, name + " has a new session and is not told");
    }
  }

  // To the server.

  void say() {
    long number = said + 1;
    if (client.send("sim/say", number)) {
      said = number;
      unhandled.add(number);
    }
  }

  void ask() {
    long number = said + 1;
    var reply = client.request(Event.of("sim/ask", number), Duration.ofSeconds(60));
    if (!reply.isDone()) {
      said = number;
      unhandled.add(number);
      requests.put(number, reply);
    }
  }

  /** The server has handled something of this client's. */
  void handled(long number) {
    check.accept(number > lastHandled, name + ": " + number + " was handled after " + lastHandled);
    lastHandled = number;
    unhandled.remove(number);
  }

  /** Asks whether the server has what was said; of requests it may have been taken back. */
  void askWhetherDelivered() {
    var before = new HashSet<>(unhandled);
    before.removeAll(requests.keySet());
    var delivered = client.delivered();
    deliveries.add(delivered);
    var ignored =
        delivered.thenAccept(
            isThere -> {
              before.retainAll(unhandled);
              log.accept(name + " is told that it is delivered: " + isThere + " " + before);
              if (!isThere || !before.isEmpty()) {
                toldWrong.add(isThere + " with " + before + " not handled");
              }
            });
  }

  // From the server.

  void pushed(long number) {
    pushed = number;
    missing.add(number);
  }

  private void got(long number) {
    log.accept(name + " gets " + number);
    check.accept(missing.remove(number), name + " got " + number + " twice");
    check.accept(number > lastGot, name + " got " + number + " after " + lastGot);
    for (long left = lastGot + 1; left < number && !freshSession; left++) {
      passedOver.add(left);
    }
    freshSession = false;
    lastGot = number;
  }

  void notPushed(long number) {
    missing.remove(number);
    // The next one has no gap before it, since this one was never accepted.
    pushed = number - 1;
  }

  /** The same, told later: others may have been pushed since, and have come. */
  void refused(long number) {
    log.accept(name + " was not asked " + number);
    missing.remove(number);
    refused.add(number);
  }

  /** When all is quiet. */
  void checkAtEnd(long droppedTold, boolean wasRestarted) {
    check.accept(client.state().open(), name + " is not open at the end: " + client.state());
    // A request that timed out before it left is rightly never handled.
    var timedOut = new ArrayList<Long>();
    requests.forEach(
        (number, reply) -> {
          check.accept(reply.isDone(), name + ": request " + number + " has no outcome");
          switch (reply.getNow(new Reply.Closed())) {
            case Reply.Value value ->
                check.accept(number.equals(value.value().value()), name + " got another's answer");
            case Reply.TimedOut late -> timedOut.add(number);
            default -> {}
          }
        });
    timedOut.forEach(unhandled::remove);
    passedOver.removeAll(refused);
    check.accept(passedOver.isEmpty(), name + " did not get " + passedOver + ", but what followed");
    check.accept(
        unhandled.size() <= toldLost,
        name + ": " + unhandled + " not handled, told of " + toldLost);
    check.accept(
        deliveries.stream().allMatch(CompletableFuture::isDone),
        name + " waits for ever for what is delivered");
    check.accept(
        wasRestarted || sessions > 1 || toldWrong.isEmpty(),
        name + " is told that it is delivered: " + toldWrong);
    check.accept(
        wasRestarted || missing.size() <= droppedTold,
        name + " misses " + missing + ", the server told of " + droppedTold);
  }

  long messages() {
    return lastGot + lastHandled;
  }
}
