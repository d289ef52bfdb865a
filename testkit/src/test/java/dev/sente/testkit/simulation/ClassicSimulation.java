package dev.sente.testkit.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sente.event.Event;
import dev.sente.server.ChannelSocketServer;
import dev.sente.server.Dropped;
import dev.sente.server.router.IncomingEvent;
import dev.sente.testkit.FakeTime;
import dev.sente.testkit.InMemoryChannels;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Classic clients that come, go, move between transports, stall and fall silent, while they ask and
 * are pushed to. What must hold, whatever happens:
 *
 * <ul>
 *   <li>K11: each client gets its pushes in order, none twice.
 *   <li>K23: what was pushed or answered and did not arrive is told as dropped, to the message.
 *   <li>K12: a client's events are handled in the order sent; K8: an answer comes once.
 *   <li>K22: a user with an open connection is connected, one without any for the grace is not;
 *       openings and closings alternate.
 * </ul>
 */
final class ClassicSimulation {

  private static final int STEPS = 80;
  private static final long LONGEST_GRACE = 5000;
  private static final long STEP_MILLIS = 250;

  private final Random random;
  private final FakeTime time = new FakeTime();
  private final List<ClassicPeer> peers = new ArrayList<>();

  /** When a peer was connected last, by its client-id. */
  private final Map<String, Long> connectedAt = new HashMap<>();

  private final Map<String, Boolean> told = new HashMap<>();
  private final Map<String, Integer> handled = new HashMap<>();
  private final ChannelSocketServer server;
  private int numbers;
  private long toArrive;
  private long dropped;

  /** What a handler has found first: the server catches what it throws. */
  private @Nullable AssertionError broken;

  private ClassicSimulation(long seed) {
    random = new Random(seed);
    server =
        ChannelSocketServer.builder()
            .userId(request -> request.param("uid").orElse(null))
            .outboxMessages(20)
            .webSocketBatchWindow(Duration.ofMillis(random.nextBoolean() ? 0 : 30))
            .onDropped(this::noteDropped)
            .time(time)
            .executor(time)
            .random(random)
            .build()
            .on("test/echo", this::echo)
            .on("chsk/uidport-open", event -> notePresence(event, true))
            .on("chsk/uidport-close", event -> notePresence(event, false));
    server.onError(
        (event, error) -> {
          if (broken == null) {
            broken = new AssertionError(error);
          }
        });
    var channels = new InMemoryChannels(server, time);
    peers.add(new ClassicPeer("alice", "a1", channels));
    peers.add(new ClassicPeer("alice", "a2", channels));
    peers.add(new ClassicPeer("bob", "b1", channels));
  }

  /** Runs one world to its end; gives how many messages arrived. */
  static long run(long seed) {
    try {
      return new ClassicSimulation(seed).live();
    } catch (AssertionError | RuntimeException e) {
      throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
    }
  }

  private void noteDropped(Dropped lost) {
    dropped += lost.messages();
  }

  private void echo(IncomingEvent event) {
    int number = ((Number) java.util.Objects.requireNonNull(event.data())).intValue();
    var before = handled.put(event.clientId(), number);
    assertThat(before == null || before < number).as("events in order").isTrue();
    if (event.reply(number) && event.request().isWebSocket()) {
      toArrive++;
    }
  }

  private void notePresence(IncomingEvent event, boolean open) {
    var before = told.put(String.valueOf(event.uid()), open);
    assertThat(Boolean.TRUE.equals(before))
        .as("openings and closings alternate")
        .isNotEqualTo(open);
  }

  private long live() {
    for (int i = 0; i < STEPS; i++) {
      act(peers.get(random.nextInt(peers.size())));
      time.settle();
      checkPresence();
      pass(random.nextInt(12) == 0 ? random.nextInt(30_000) : random.nextInt(300));
    }
    for (var peer : peers) {
      peer.cut(-1);
    }
    pass(LONGEST_GRACE + 1000);
    time.advance(Duration.ofMinutes(1));
    throwIfBroken();
    checkEnd();
    return peers.stream().mapToLong(peer -> peer.pushes.size()).sum();
  }

  private void throwIfBroken() {
    if (broken != null) {
      throw broken;
    }
  }

  /** Time passes in steps that are short against the grace, so that what ends is seen to end. */
  private void pass(long millis) {
    for (long left = millis; left > 0; left -= STEP_MILLIS) {
      time.advance(Duration.ofMillis(Math.min(left, STEP_MILLIS)));
      throwIfBroken();
      checkPresence();
    }
  }

  private void act(ClassicPeer peer) {
    switch (random.nextInt(14)) {
      case 0, 1 -> connect(peer);
      case 2, 3, 4 -> poll(peer);
      case 5, 6 -> peer.cut(random.nextInt(4));
      case 7 -> peer.ask(numbers++, random.nextInt(4));
      case 8 -> peer.stall(true);
      case 9 -> peer.stall(false);
      case 10 -> peer.isMute = true;
      case 11 -> server.close(peer.uid);
      default -> push(peer.uid);
    }
  }

  private void connect(ClassicPeer peer) {
    var answer = peer.connect();
    time.settle();
    peer.arrived(answer);
  }

  private void poll(ClassicPeer peer) {
    var poll = peer.poll(random.nextInt(4) == 0);
    time.settle();
    connectedAt.put(peer.clientId, time.millis());
    if (!poll.isAnswered() || !poll.text().startsWith("[[:chsk/handshake")) {
      peer.tookOver(poll);
    }
  }

  private void push(String uid) {
    for (int i = random.nextInt(8); i >= 0; i--) {
      toArrive +=
          server.push(uid, Event.of("test/push", numbers++), random.nextBoolean()).clients();
    }
  }

  private void checkPresence() {
    var now = time.millis();
    var connected = server.connectedUsers().any();
    for (var peer : peers) {
      if (peer.isConnected()) {
        connectedAt.put(peer.clientId, now);
        if (!connected.contains(peer.uid)) {
          throw new AssertionError(peer.clientId + " is connected, but not its user");
        }
      }
    }
    for (var uid : connected) {
      if (peers.stream().noneMatch(peer -> peer.uid.equals(uid) && isInGrace(peer))) {
        throw new AssertionError(uid + " is connected though long gone");
      }
    }
  }

  private boolean isInGrace(ClassicPeer peer) {
    var at = connectedAt.get(peer.clientId);
    return at != null && time.millis() - at <= LONGEST_GRACE + STEP_MILLIS;
  }

  private void checkEnd() {
    long arrived = 0;
    for (var peer : peers) {
      peer.collect();
      assertThat(peer.pushes).as("pushes to %s", peer.clientId).isSorted().doesNotHaveDuplicates();
      assertThat(peer.unanswered()).isZero();
      arrived += peer.pushes.size() + peer.answers.size();
    }
    assertThat(arrived + dropped).as("arrived and dropped").isEqualTo(toArrive);
    assertThat(server.connectedUsers().any()).isEmpty();
    assertThat(told.values()).doesNotContain(true);
    assertThat(time.alarms()).as("alarms left").isZero();
  }
}
