package dev.sente.client.simulation;

import dev.sente.client.TransportChoice;
import dev.sente.event.Event;
import dev.sente.packer.edn.EdnPacker;
import dev.sente.server.ChannelSocketServer;
import dev.sente.server.router.IncomingEvent;
import dev.sente.testkit.FakeTime;
import dev.sente.testkit.InMemoryChannels;
import dev.sente.wire.Reply;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * One run: a server and a few clients do things at random, things go wrong at random, and at the
 * end the network is healed and everything must have arrived, once and in order, or been told of as
 * lost.
 */
final class ClientSimulation {

  private static final int STORY = 300;

  private final SplittableRandom random;
  private final FakeTime time = new FakeTime();
  private final ArrayDeque<String> story = new ArrayDeque<>();
  private final SimulatedNetwork network;
  private final List<SimulatedUser> users = new ArrayList<>();
  private final Map<String, Long> dropped = new HashMap<>();
  private final boolean small;
  private ChannelSocketServer server;
  private InMemoryChannels channels;
  private boolean restarted;

  /** Which start of the server this is; what an older one still does is not told. */
  private int generation;

  /** What was found first. */
  private @Nullable AssertionError broken;

  private ClientSimulation(long seed) {
    random = new SplittableRandom(seed);
    small = random.nextInt(4) == 0;
    server = freshServer();
    channels = new InMemoryChannels(server, time);
    network = new SimulatedNetwork(time, random.split(), () -> channels, this::log);
    int count = 1 + random.nextInt(2);
    for (int i = 0; i < count; i++) {
      var types = TransportChoice.values();
      var type = types[random.nextInt(types.length)];
      users.add(
          new SimulatedUser("c" + i, time, random.split(), network, type, this::check, this::log));
    }
  }

  /**
   * Runs one seed.
   *
   * @return how many messages arrived
   * @throws AssertionError telling what went wrong, the seed, and how it came to that
   */
  static long run(long seed) {
    try {
      return new ClientSimulation(seed).run();
    } catch (AssertionError | RuntimeException e) {
      throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
    }
  }

  private void log(String what) {
    story.add(time.millis() + " " + what);
    if (story.size() > STORY) {
      story.remove();
    }
  }

  private void check(boolean holds, String otherwise) {
    throwIfBroken();
    if (!holds) {
      broken = new AssertionError(otherwise + "\n  " + String.join("\n  ", story));
      throw broken;
    }
  }

  /** The same to whoever runs the world: server and client catch what is thrown to them. */
  private void throwIfBroken() {
    if (broken != null) {
      throw broken;
    }
  }

  private ChannelSocketServer freshServer() {
    int mine = ++generation;
    var builder =
        ChannelSocketServer.builder()
            .packers(EdnPacker.DEFAULT)
            .userId(request -> request.param("uid").orElse(null))
            .onDropped(
                told -> {
                  log("the server tells " + told);
                  dropped.merge(told.clientId(), (long) told.messages(), Long::sum);
                })
            .time(time)
            .executor(time)
            .random(random.split())
            .secrets(random.split());
    if (small) {
      builder.outboxMessages(6).detachedMessages(4).inboxEvents(3);
    }
    var fresh = builder.build();
    fresh.on("sim/say", event -> handled(mine, event));
    fresh.on(
        "sim/ask",
        event -> {
          handled(mine, event);
          event.reply(event.data());
        });
    fresh.onError((event, error) -> check(false, "a handler failed for " + event + ": " + error));
    return fresh;
  }

  private void handled(int byGeneration, IncomingEvent event) {
    if (byGeneration != generation) {
      return;
    }
    log("the server handles " + event.clientId() + " " + event.data());
    for (var user : users) {
      if (user.name.equals(event.clientId())) {
        user.handled(event.data(Long.class));
      }
    }
  }

  private long run() {
    users.forEach(user -> user.client.connect());
    int steps = 40 + random.nextInt(100);
    for (int i = 0; i < steps; i++) {
      act(users.get(random.nextInt(users.size())));
      time.advance(pause());
      throwIfBroken();
    }
    log("the network is healed");
    network.heal();
    users.forEach(user -> user.beBusy(false));
    for (int i = 0; i < 10; i++) {
      time.advance(Duration.ofSeconds(20));
    }
    throwIfBroken();
    long messages = 0;
    for (var user : users) {
      user.checkAtEnd(dropped.getOrDefault(user.name, 0L), restarted);
      messages += user.messages();
    }
    return messages;
  }

  private Duration pause() {
    return switch (random.nextInt(40)) {
      case 0 -> Duration.ofMinutes(3);
      case 1, 2 -> Duration.ofSeconds(random.nextInt(40));
      default -> Duration.ofMillis(random.nextInt(300));
    };
  }

  private void act(SimulatedUser user) {
    switch (random.nextInt(27)) {
      case 0, 1, 2, 3, 4, 5 -> push(user);
      case 6, 7, 8, 9, 10, 11 -> user.say();
      case 12, 13 -> user.ask();
      case 14, 15 -> request(user);
      case 16, 17 -> network.breakLines();
      case 18 -> user.client.breakConnection(random.nextBoolean());
      case 19 -> user.client.networkChanged();
      case 20 -> network.letSocketsPass(random.nextBoolean());
      case 21 -> user.beBusy(random.nextBoolean());
      case 22 -> {
        if (random.nextInt(6) == 0) {
          restart();
        }
      }
      case 23 -> {
        if (random.nextInt(4) == 0) {
          user.become("u" + user.name + random.nextInt(3));
        }
      }
      case 24 -> user.askWhetherDelivered();
      default -> {
        for (int i = random.nextInt(14); i >= 0; i--) {
          push(user);
          user.say();
        }
      }
    }
  }

  private void push(SimulatedUser user) {
    long number = user.pushed + 1;
    user.pushed(number);
    log("the server pushes " + user.name + " " + number);
    if (server.push(user.uid(), Event.of("sim/pushed", number)).clients() == 0) {
      user.notPushed(number);
    }
  }

  private void request(SimulatedUser user) {
    long number = user.pushed + 1;
    user.pushed(number);
    var reply =
        server.request(
            user.uid(), user.name, Event.of("sim/asked", number), Duration.ofSeconds(30));
    var ignored =
        reply.thenAccept(
            outcome -> {
              switch (outcome) {
                case Reply.Refused refused -> user.refused(number);
                case Reply.Value value ->
                    check(
                        Long.valueOf(number).equals(value.value().value()),
                        "the server got another's answer");
                default -> {}
              }
            });
  }

  /** The server dies, and another one begins with nothing. */
  private void restart() {
    log("the server restarts");
    restarted = true;
    server = freshServer();
    channels = new InMemoryChannels(server, time);
    network.breakLines();
  }
}
