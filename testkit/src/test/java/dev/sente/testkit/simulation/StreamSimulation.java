package dev.sente.testkit.simulation;

import dev.sente.event.Event;
import dev.sente.packer.edn.EdnPacker;
import dev.sente.server.ChannelSocketServer;
import dev.sente.testkit.FakeTime;
import dev.sente.testkit.InMemoryChannels;
import dev.sente.wire.Reply;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One run: a server and a few clients do things at random, things go wrong at random, and at the
 * end the network is healed and everything must have arrived, once and in order, or been told of as
 * lost.
 */
public final class StreamSimulation {

  private final SplittableRandom random;
  private final FakeTime time = new FakeTime();
  private final Ledger ledger = new Ledger(time::millis);
  private final Network network;
  private final List<SimulatedClient> clients = new ArrayList<>();
  private final Map<String, Integer> pushes = new HashMap<>();
  private final Set<String> forgiven = new HashSet<>();
  private final Map<String, CompletableFuture<Reply>> outcomes = new HashMap<>();
  private final boolean small;
  private ChannelSocketServer server;
  private InMemoryChannels channels;

  /** Which start of the server this is; what an older one still does is not told. */
  private int generation;

  private StreamSimulation(long seed) {
    random = new SplittableRandom(seed);
    small = random.nextInt(4) == 0;
    server = freshServer();
    channels = new InMemoryChannels(server, time);
    network = new Network(time, random.split(), () -> channels, ledger::log);
    int count = 1 + random.nextInt(3);
    for (int i = 0; i < count; i++) {
      clients.add(new SimulatedClient("c" + i, "u" + i, time, random.split(), network, ledger));
    }
  }

  /**
   * Runs seeds one after the other.
   *
   * @param args how many, and the first seed
   */
  public static void main(String[] args) {
    long first = Long.parseLong(args[1]);
    long messages = 0;
    for (long seed = first; seed < first + Long.parseLong(args[0]); seed++) {
      messages += run(seed);
    }
    System.out.println(args[0] + " runs, " + messages + " messages, no invariant broken");
  }

  /**
   * Runs one seed.
   *
   * @return how many messages arrived
   * @throws AssertionError telling what went wrong, the seed, and how it came to that
   */
  public static int run(long seed) {
    var simulation = new StreamSimulation(seed);
    try {
      return simulation.run();
    } catch (AssertionError | RuntimeException e) {
      throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
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
                  if (generation == mine) {
                    ledger.dropped(told);
                  }
                })
            .sessionsPerUser(1000)
            .sessionsPerAddress(100_000)
            .time(time)
            .executor(time)
            .random(random.split())
            .secrets(random.split());
    if (small) {
      builder.outboxMessages(6).detachedMessages(4).inboxEvents(3);
    }
    var fresh = builder.build();
    fresh.on(
        "sim/say",
        event -> {
          if (generation == mine) {
            ledger.serverHandled(event.clientId(), String.valueOf(event.data()));
          }
        });
    fresh.on(
        "sim/ask",
        event -> {
          if (generation == mine) {
            ledger.serverHandled(event.clientId(), String.valueOf(event.data()));
            ledger.serverPushed(event.clientId(), "answer " + event.data());
          }
          event.reply(event.data());
        });
    fresh.on("chsk/uidport-open", event -> present(mine, event.uid(), true));
    fresh.on("chsk/uidport-close", event -> present(mine, event.uid(), false));
    fresh.onError(
        (event, error) -> ledger.check(false, "a handler failed for " + event + ": " + error));
    return fresh;
  }

  private void present(int mine, @Nullable String uid, boolean now) {
    if (generation == mine && uid != null) {
      ledger.present(uid, now);
    }
  }

  private int run() {
    clients.forEach(client -> client.connect(random.nextBoolean()));
    int steps = 40 + random.nextInt(120);
    for (int i = 0; i < steps; i++) {
      act(clients.get(random.nextInt(clients.size())));
      time.advance(pause());
      ledger.throwIfBroken();
    }
    network.heal();
    clients.forEach(client -> client.stall(false));
    time.advance(Duration.ofSeconds(40));
    for (int i = 0; i < 6; i++) {
      time.advance(Duration.ofSeconds(20));
      for (var client : clients) {
        ledger.check(client.isConnected(), client.name() + " is not connected at the end");
        ledger.check(ledger.isPresent(client.uid()), client.uid() + " is not present at the end");
      }
    }
    for (var client : clients) {
      ledger.checkAtEnd(client.name(), forgiven);
    }
    outcomes.forEach(
        (what, outcome) -> {
          ledger.check(outcome.isDone(), what + " has no outcome");
          if (outcome.getNow(null) instanceof Reply.Value value) {
            ledger.check(what.equals(value.value().value()), what + " got another's answer");
          }
        });
    // Nobody is left: neither may be anything that was kept for them.
    clients.forEach(SimulatedClient::leave);
    time.advance(Duration.ofMinutes(5));
    ledger.check(time.alarms() == 0, time.alarms() + " alarms are left when all are gone");
    ledger.check(
        server.connectedUsers().any().isEmpty(),
        "users are left: " + server.connectedUsers().any());
    return ledger.messages();
  }

  private Duration pause() {
    return switch (random.nextInt(40)) {
      case 0 -> Duration.ofMinutes(3);
      case 1, 2 -> Duration.ofSeconds(random.nextInt(30));
      default -> Duration.ofMillis(random.nextInt(300));
    };
  }

  private void act(SimulatedClient client) {
    switch (random.nextInt(25)) {
      case 0, 1, 2, 3, 4, 5 -> push(client);
      case 6, 7, 8, 9, 10, 11 -> client.say(next(client));
      case 12, 13, 14 -> client.ask(next(client));
      case 15, 16, 17 -> client.breakLink();
      case 18, 19 -> client.connect(random.nextBoolean());
      case 20 -> client.stall(random.nextBoolean());
      case 21 -> {
        if (random.nextInt(6) == 0) {
          restart();
        }
      }
      case 22 -> {
        if (random.nextInt(4) == 0) {
          client.become("u" + client.name() + random.nextInt(3));
        }
      }
      case 23 -> request(client);
      default -> {
        for (int i = random.nextInt(12); i >= 0; i--) {
          push(client);
        }
      }
    }
  }

  private String next(SimulatedClient client) {
    return client.name() + ":" + pushes.merge(client.name(), 1, Integer::sum);
  }

  private void push(SimulatedClient client) {
    var what = client.uid() + ">" + next(client);
    ledger.serverPushed(client.name(), what);
    var delivery = server.push(client.uid(), Event.of("sim/pushed", what));
    if (delivery.clients() == 0) {
      ledger.notAccepted(client.name(), what);
    }
  }

  private void request(SimulatedClient client) {
    var what = client.uid() + ">" + next(client);
    ledger.serverPushed(client.name(), what);
    var reply =
        server.request(
            client.uid(), client.name(), Event.of("sim/asked", what), Duration.ofSeconds(30));
    outcomes.put(what, reply);
    var ignored =
        reply.thenAccept(
            outcome -> {
              if (outcome instanceof Reply.Refused) {
                ledger.notAccepted(client.name(), what);
              }
            });
  }

  /** The server dies, and another one begins with nothing. */
  private void restart() {
    for (var client : clients) {
      forgiven.addAll(ledger.pushedTo(client.name()));
    }
    ledger.restarted();
    server = freshServer();
    channels = new InMemoryChannels(server, time);
    network.cutAll();
  }
}
