package dev.sente.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sente.event.Event;
import dev.sente.packer.PackException;
import dev.sente.packer.Packer;
import dev.sente.packer.edn.EdnPacker;
import dev.sente.server.Builder;
import dev.sente.server.Dropped;
import dev.sente.server.router.IncomingEvent;
import dev.sente.wire.Frame;
import dev.sente.wire.Reply;
import dev.sente.wire.StreamWire;
import java.lang.ref.WeakReference;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What both modes' sessions share: how they end, whom they keep, how many there may be. */
class SessionsTest {

  private static final String ALICE = "uid=alice&client-id=a";

  private static InMemorySocket stream(Scene scene, String query, String... protocols) {
    var wanted = "sente.v2" + (protocols.length == 0 ? "" : ", sente.session." + protocols[0]);
    var answer = scene.channels.webSocket(query, "Sec-WebSocket-Protocol", wanted);
    scene.time.settle();
    return answer.socket();
  }

  private static int refused(Scene scene, String query) {
    var answer = scene.channels.webSocket(query, "Sec-WebSocket-Protocol", "sente.v2");
    scene.time.settle();
    return answer.status();
  }

  private static String session(String handshake) {
    var frame = StreamWire.read(EdnPacker.DEFAULT, handshake.getBytes(StandardCharsets.UTF_8));
    return ((Frame.Handshake) frame).info().session();
  }

  /** Runs tasks as the scene does, but keeps them while a handler "blocks". */
  private static final class Blocking implements Executor {
    private final ArrayDeque<Runnable> kept = new ArrayDeque<>();
    private Executor after = Runnable::run;
    private boolean blocked;

    @Override
    public void execute(Runnable task) {
      if (blocked) {
        kept.add(task);
      } else {
        after.execute(task);
      }
    }

    void block() {
      blocked = true;
    }

    void unblock() {
      blocked = false;
      while (!kept.isEmpty()) {
        after.execute(kept.remove());
      }
    }
  }

  private static Scene blocking(Blocking executor, int inboxEvents) {
    var scene = new Scene(o -> o.executor(executor).inboxEvents(inboxEvents));
    executor.after = scene.time;
    return scene;
  }

  // How they end.

  @Test
  void v25_theConnectionEndsWithItsSession() {
    var scene = new Scene();
    var socket = stream(scene, ALICE);
    scene.say(socket, "[[:chsk/close {:code 1000 :reason \"\" :retry-ms 0}]]");
    scene.say(socket, "[[[:test/nocb]]]");
    assertThat(socket.closeCode()).isEqualTo(1000);
    assertThat(scene.events).doesNotContain("test/nocb null from alice");
  }

  @Test
  void v24_aPostThatBreaksTheProtocolEndsTheWebSocketToo() {
    var scene = new Scene();
    var socket = stream(scene, ALICE);
    var token = session(socket.texts().getFirst());
    assertThat(goingBack(scene, token)).isEqualTo(400);
    assertThat(socket.closeCode()).isEqualTo(4501);
  }

  @Test
  void v24_orAnswersTheHeldPoll() {
    var scene = new Scene();
    var token = session(scene.get(ALICE, "X-Sente", "2").text());
    var poll = scene.get(ALICE, "X-Sente", "2", "X-Sente-Session", token);
    assertThat(goingBack(scene, token)).isEqualTo(400);
    assertThat(poll.text()).contains(":chsk/close").contains("4501");
  }

  /** Two requests of the same number. */
  private static int goingBack(Scene scene, String token) {
    var asked = "[:chsk/request [1 [:test/echo]]]";
    var answer =
        scene.channels.http(
            "POST",
            ALICE + "&first=1",
            ("[[" + asked + asked + "]]").getBytes(StandardCharsets.UTF_8),
            "X-Sente",
            "2",
            "X-Sente-Session",
            token);
    scene.time.settle();
    return answer.status();
  }

  @Test
  void k26_signOutEndsOlderWebSocketsToo() {
    var scene = new Scene();
    var older = scene.connect(ALICE);
    var newer = scene.connect(ALICE);
    assertThat(older.isOpen()).isTrue();
    scene.server.signOut("alice");
    scene.time.settle();
    assertThat(older.isOpen()).isFalse();
    assertThat(newer.isOpen()).isFalse();
    assertThat(scene.server.connectedUsers().any()).isEmpty();
  }

  @Test
  void k26_olderWebSocketsAreFew() {
    var scene = new Scene();
    var sockets = new ArrayList<InMemorySocket>();
    for (int i = 0; i < 8; i++) {
      sockets.add(scene.connect(ALICE));
    }
    assertThat(sockets.stream().filter(InMemorySocket::isOpen)).hasSize(5);
    scene.server.close();
    scene.time.settle();
    assertThat(sockets).noneMatch(InMemorySocket::isOpen);
  }

  @Test
  void k20_whoReadsNothingIsClosedAsWell() {
    var scene = new Scene(o -> o.outboxMessages(2));
    var socket = scene.connect(ALICE);
    socket.stall(true);
    scene.server.push("alice", Event.of("test/x", 1));
    scene.server.push("alice", Event.of("test/x", 2));
    scene.server.push("alice", Event.of("chsk/close"));
    scene.time.settle();
    assertThat(socket.closeCode()).isEqualTo(1000);
  }

  @Test
  void whatIsAdmittedWhileTheServerStopsIsClosedToo() {
    for (var protocol : List.of("sente.v2", "")) {
      var stopping = new ArrayList<Runnable>();
      var scene =
          new Scene(
              o ->
                  o.handshakeData(
                      request -> {
                        stopping.forEach(Runnable::run);
                        return null;
                      }));
      stopping.add(() -> scene.server.drain(Duration.ZERO));
      var headers = protocol.isEmpty() ? new String[0] : new String[] {PROTOCOL, protocol};
      var answer = scene.channels.webSocket(ALICE, headers);
      scene.time.settle();
      assertThat(answer.socket().closeCode()).isEqualTo(protocol.isEmpty() ? 1001 : 4000);
    }
  }

  private static final String PROTOCOL = "Sec-WebSocket-Protocol";

  @Test
  void v16_whatComesAfterAnOverflowIsToldOnce() {
    var scene = new Scene(o -> o.detachedMessages(3));
    stream(scene, ALICE).cut();
    for (int i = 0; i < 1000; i++) {
      scene.server.push("alice", Event.of("test/x", i));
    }
    scene.pass(200_000);
    assertThat(scene.dropped)
        .containsExactly(
            new Dropped("alice", "a", 4, Dropped.Reason.OVERFLOW),
            new Dropped("alice", "a", 996, Dropped.Reason.OVERFLOW));
  }

  @Test
  void v17_whatTheNextPackerCannotPackIsToldAsLost() {
    var scene = new Scene(o -> o.packers(EdnPacker.DEFAULT, new Picky()));
    var socket = stream(scene, ALICE);
    var token = session(socket.texts().getFirst());
    socket.cut();
    scene.server.push("alice", Event.of("test/x", 1));
    scene.server.push("alice", Event.of("test/x", "odd"));
    scene.server.push("alice", Event.of("test/x", 3));
    var back = stream(scene, ALICE + "&packer=picky", token);
    assertThat(back.texts().getLast())
        .isEqualTo("[[[:test/x 1] [:chsk/error [0 {:code \"unpackable\"}]] [:test/x 3]]]");
    assertThat(scene.dropped)
        .containsExactly(new Dropped("alice", "a", 1, Dropped.Reason.UNPACKABLE));
    back.cut();
    assertThat(stream(scene, ALICE + "&received=1", token).texts().getLast())
        .endsWith("[:test/x 3]]]");
    assertThat(scene.dropped).hasSize(1);
  }

  /** Packs all but one text, and joins nothing. */
  private static final class Picky implements Packer {
    @Override
    public String name() {
      return "picky";
    }

    @Override
    public byte[] pack(@Nullable Object value) {
      byte[] packed = EdnPacker.DEFAULT.pack(value);
      if (new String(packed, StandardCharsets.UTF_8).contains("odd")) {
        throw new PackException("odd");
      }
      return packed;
    }

    @Override
    public @Nullable Object unpack(byte[] packed) {
      return EdnPacker.DEFAULT.unpack(packed);
    }
  }

  // Whom they keep.

  @Test
  void k18_v22_whoIsNotReadIsNotTakenForDead() {
    for (var mode : List.of("classic", "v2")) {
      var executor = new Blocking();
      var scene = blocking(executor, 2);
      var socket = mode.equals("v2") ? stream(scene, ALICE) : scene.connect(ALICE);
      executor.block();
      for (int i = 0; i < 4; i++) {
        scene.say(
            socket, mode.equals("v2") ? "[[[:test/nocb " + i + "]]]" : "[[:test/nocb " + i + "]]");
      }
      assertThat(socket.unread()).as(mode).isPositive();
      scene.pass(120_000);
      assertThat(socket.isOpen()).as(mode).isTrue();
      executor.unblock();
      scene.time.settle();
      assertThat(scene.events).as(mode).hasSize(5);
      scene.pass(120_000);
      assertThat(socket.isOpen()).as(mode + ", read again, and silent").isFalse();
    }
  }

  @Test
  void k12_handlersOfTheNextSessionWaitForThoseOfTheLast() {
    for (var mode : List.of("classic", "v2")) {
      var running = new ArrayList<String>();
      var executor = new Blocking();
      var scene = blocking(executor, 64);
      scene.server.on("test/note", event -> running.add(String.valueOf(event.data())));
      var socket = mode.equals("v2") ? stream(scene, ALICE) : scene.connect(ALICE);
      executor.block();
      for (int i = 1; i <= 3; i++) {
        scene.say(
            socket, mode.equals("v2") ? "[[[:test/note " + i + "]]]" : "[[:test/note " + i + "]]");
      }
      socket.cut();
      scene.pass(200_000);
      var first = executor.kept.remove();
      executor.unblock();
      var next = mode.equals("v2") ? stream(scene, ALICE) : scene.connect(ALICE);
      scene.say(next, mode.equals("v2") ? "[[[:test/note 4]]]" : "[[:test/note 4]]");
      assertThat(running).as(mode).isEmpty();
      first.run();
      scene.time.settle();
      assertThat(running).as(mode).containsExactly("1", "2", "3", "4");
    }
  }

  /** Whatever becomes of its sessions and connections, a client has no more room than one has. */
  @Test
  void k27_whoComesBackGetsNoMoreRoom() {
    for (var mode : List.of("classic", "v2")) {
      var executor = new Blocking();
      var scene = blocking(executor, 2);
      var handler = blockHandler(executor, scene, mode);
      int taken = 1;
      InMemorySocket newest = null;
      for (int i = 0; i < 20; i++) {
        newest = mode.equals("v2") ? stream(scene, ALICE) : scene.connect(ALICE);
        scene.say(newest, mode.equals("v2") ? "[[[:test/nocb 1]]]" : "[[:test/nocb 1]]");
        scene.say(newest, mode.equals("v2") ? "[[[:test/nocb 1]]]" : "[[:test/nocb 1]]");
        taken += 2 - newest.unread();
      }
      assertThat(taken).as(mode).isLessThanOrEqualTo(3);
      handler.run();
      scene.time.settle();
      assertThat(newest == null ? -1 : newest.unread()).as(mode + ", read again").isZero();
    }
  }

  /** Whoever is bounded as one client must not be free to be another one each time. */
  @Test
  void k27_whoHasGoneCountsWhileItsEventsWait() {
    for (var mode : List.of("classic", "v2")) {
      var executor = new Blocking();
      var scene = new Scene(o -> o.executor(executor).sessionsPerAddress(3));
      executor.after = scene.time;
      var handlers = new ArrayList<Runnable>();
      for (int i = 0; i < 3; i++) {
        handlers.add(sayAndGo(executor, scene, mode, "client-id=" + i));
      }
      assertThat(status(scene, mode, "client-id=x")).as(mode).isEqualTo(429);
      handlers.getFirst().run();
      scene.time.settle();
      assertThat(status(scene, mode, "client-id=x")).as(mode + ", one is done").isEqualTo(101);
      assertThat(status(scene, mode, "client-id=y")).as(mode + ", not two").isEqualTo(429);
    }
  }

  @Test
  void k27_aClientCountsOnceForWhatItsSessionsLeft() {
    var executor = new Blocking();
    var scene = new Scene(o -> o.executor(executor).sessionsPerAddress(3));
    executor.after = scene.time;
    var handler = sayAndGo(executor, scene, "v2", "client-id=a");
    for (int i = 0; i < 10; i++) {
      scene.say(stream(scene, "client-id=a"), CLOSE);
      scene.connect("client-id=a").cut();
      scene.pass(2500);
    }
    assertThat(status(scene, "v2", "client-id=b")).isEqualTo(101);
    assertThat(status(scene, "v2", "client-id=c")).isEqualTo(101);
    assertThat(status(scene, "v2", "client-id=d")).isEqualTo(429);
    assertThat(status(scene, "v2", "client-id=a")).as("it has its place").isEqualTo(101);
    handler.run();
    scene.time.settle();
    assertThat(status(scene, "v2", "client-id=d")).isEqualTo(429);
    scene.say(stream(scene, "client-id=b"), CLOSE);
    assertThat(status(scene, "v2", "client-id=d")).isEqualTo(101);
    assertThat(status(scene, "v2", "client-id=e")).isEqualTo(429);
  }

  /** What one mode's session leaves is not freed by what the other's does. */
  @Test
  void k27_aSessionOfTheOtherModeFreesNoPlaceButItsOwn() {
    var executor = new Blocking();
    var scene = new Scene(o -> o.executor(executor).sessionsPerAddress(2));
    executor.after = scene.time;
    var idle = stream(scene, "client-id=a");
    var handler = sayAndGo(executor, scene, "classic", "client-id=a");
    scene.say(idle, CLOSE);
    assertThat(status(scene, "v2", "client-id=b")).isEqualTo(101);
    assertThat(status(scene, "v2", "client-id=c")).as("its event waits").isEqualTo(429);
    handler.run();
    scene.time.settle();
    assertThat(status(scene, "v2", "client-id=c")).isEqualTo(101);
    assertThat(status(scene, "v2", "client-id=d")).isEqualTo(429);
  }

  private static final String CLOSE = "[[:chsk/close {:code 1000 :reason \"\" :retry-ms 0}]]";

  /** Says one event, and ends the session; the handler begins when the task is run. */
  private static Runnable sayAndGo(Blocking executor, Scene scene, String mode, String query) {
    var socket = mode.equals("v2") ? stream(scene, query) : scene.connect(query);
    executor.block();
    scene.say(socket, mode.equals("v2") ? "[[[:test/nocb 0]]]" : "[[:test/nocb 0]]");
    var handler = executor.kept.remove();
    executor.unblock();
    if (mode.equals("v2")) {
      scene.say(socket, CLOSE);
    } else {
      socket.cut();
      scene.pass(2500);
    }
    return handler;
  }

  private static int status(Scene scene, String mode, String query) {
    var protocol = mode.equals("v2") ? new String[] {PROTOCOL, "sente.v2"} : new String[0];
    var answer = scene.channels.webSocket(query, protocol);
    scene.time.settle();
    return answer.isSocket() ? 101 : answer.status();
  }

  /** Says one event, whose handler begins when the task is run that this gives. */
  private static Runnable blockHandler(Blocking executor, Scene scene, String mode) {
    var socket = mode.equals("v2") ? stream(scene, ALICE) : scene.connect(ALICE);
    executor.block();
    scene.say(socket, mode.equals("v2") ? "[[[:test/nocb 0]]]" : "[[:test/nocb 0]]");
    var handler = executor.kept.remove();
    executor.unblock();
    return handler;
  }

  @Test
  void k27_neitherByPosts() {
    var executor = new Blocking();
    var scene = blocking(executor, 2);
    var handler = blockHandler(executor, scene, "classic");
    assertThat(scene.post(ALICE, "[[:test/nocb 1]]").status()).isEqualTo(200);
    assertThat(scene.post(ALICE, "[[:test/nocb 1]]").status()).isEqualTo(429);
    handler.run();
    scene.time.settle();
    assertThat(scene.post(ALICE, "[[:test/nocb 1]]").status()).isEqualTo(200);
  }

  /** What is remembered of a connection that is not read goes with it. */
  @Test
  void whoWaitsForRoomAndGoesIsForgotten() {
    for (var mode : List.of("classic", "v2")) {
      var executor = new Blocking();
      var scene = blocking(executor, 1);
      var handler = blockHandler(executor, scene, mode);
      var gone = new ArrayList<WeakReference<?>>();
      for (int i = 0; i < 5; i++) {
        var socket = mode.equals("v2") ? stream(scene, ALICE) : scene.connect(ALICE);
        socket.cut();
        scene.pass(1);
        gone.add(new WeakReference<>(socket));
      }
      scene.pass(200_000);
      assertThat(gone).as(mode).noneMatch(LaneTest::isReachable);
      handler.run();
    }
  }

  /** The handler may be one that the events before the answer wait for. */
  @Test
  void whoIsAskedIsReadOn() {
    var executor = new Blocking();
    var scene = blocking(executor, 2);
    var handler = blockHandler(executor, scene, "v2");
    var socket = stream(scene, ALICE);
    for (int i = 0; i < 3; i++) {
      scene.say(socket, "[[[:test/nocb 1]]]");
    }
    assertThat(socket.unread()).isPositive();
    var reply = scene.server.request("alice", "a", Event.of("ask/me"), Duration.ofSeconds(10));
    scene.time.settle();
    scene.say(socket, "[[[:chsk/reply [1 2]]]]");
    assertThat(reply).isCompletedWithValueMatching(Reply.Value.class::isInstance);
    for (int i = 0; i < 40; i++) {
      scene.say(socket, "[[[:test/nocb 1]]]");
    }
    assertThat(socket.unread()).as("not without end").isPositive();
    handler.run();
    scene.time.settle();
    assertThat(socket.unread()).isZero();
  }

  @Test
  void v24_aFrameHoldsNoEndOfMessages() {
    var scene = new Scene();
    var socket = stream(scene, ALICE);
    scene.say(socket, "[[" + "[:a/b]".repeat(16_385) + "]]");
    assertThat(socket.closeCode()).isEqualTo(4501);
    var other = stream(scene, "uid=alice&client-id=b");
    scene.say(other, "[[" + "[:a/b]".repeat(16_384) + "]]");
    assertThat(other.isOpen()).isTrue();
  }

  @Test
  void k26_whatComesAfterTheSessionsEndIsNobodys() {
    var scene = new Scene();
    var older = scene.connect(ALICE);
    var newer = scene.connect(ALICE);
    scene.server.signOut("alice");
    older.sendLate("[[:test/nocb 1]]");
    newer.sendLate("[[:test/nocb 2]]");
    scene.time.settle();
    assertThat(scene.events).noneMatch(event -> event.startsWith("test/nocb"));
  }

  @Test
  void whoAnswersAClientThatIsGoneIsTold() {
    for (var mode : List.of("classic", "v2")) {
      var scene = new Scene();
      var asked = new ArrayList<IncomingEvent>();
      scene.server.on("test/ask", asked::add);
      var socket = mode.equals("v2") ? stream(scene, ALICE) : scene.connect(ALICE);
      for (int n = 1; n <= 3; n++) {
        scene.say(
            socket,
            mode.equals("v2")
                ? "[[[:chsk/request [" + n + " [:test/ask]]]]]"
                : "[[:test/ask] " + n + "]");
      }
      assertThat(asked.getFirst().reply(1)).as(mode).isTrue();
      scene.server.signOut("alice");
      scene.time.settle();
      socket.cut();
      assertThat(asked.get(1).reply(1)).as(mode).isFalse();
      assertThat(asked.get(2).replyError("no", null)).as(mode).isFalse();
    }
  }

  @Test
  void drainTakesATimeThatThereIs() {
    var scene = new Scene();
    assertThatThrownBy(() -> scene.server.drain(Duration.ofMillis(-1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("over");
    assertThat(stream(scene, ALICE).isOpen()).isTrue();
    scene.server.drain(ChronoUnit.FOREVER.getDuration());
    scene.time.settle();
    assertThat(scene.server.connectedUsers().any()).containsExactly("alice");
  }

  @Test
  void keepAliveTimesAreWhatClientsCanWait() {
    var forEver = ChronoUnit.FOREVER.getDuration();
    for (UnaryOperator<Builder> option :
        List.<UnaryOperator<Builder>>of(
            o -> o.webSocketKeepAlive(forEver),
            o -> o.webSocketPingTimeout(forEver),
            o -> o.longPollTimeout(forEver))) {
      assertThatThrownBy(() -> new Scene(option))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageMatching("(webSocketKeepAlive|webSocketPingTimeout|longPollTimeout) .*");
    }
  }

  // How the server's requests end.

  @Test
  void aRequestToWhoIsGoneEndsOnTheApplicationsThread() {
    var executor = new Blocking();
    var scene = blocking(executor, 64);
    var away = lostButKept(scene);
    executor.block();
    var reply = scene.server.request("alice", "a", Event.of("ask/me"), Duration.ofSeconds(10));
    assertThat(reply).isNotDone();
    executor.unblock();
    scene.time.settle();
    assertThat(reply).isCompletedWithValueMatching(Reply.Refused.class::isInstance);
    assertThat(away.isOpen()).isFalse();
  }

  /** A session that is lost to overflow while its client is away. */
  private static InMemorySocket lostButKept(Scene scene) {
    var away = stream(scene, ALICE);
    away.cut();
    for (int i = 0; i < 2000; i++) {
      scene.server.push("alice", Event.of("a/b", i));
    }
    scene.time.settle();
    return away;
  }

  @Test
  void aRequestForWhichThereIsNoRoomIsRefused() {
    var scene = new Scene(o -> o.detachedMessages(1));
    stream(scene, ALICE).cut();
    var first = scene.server.request("alice", "a", Event.of("ask/me"), Duration.ofSeconds(10));
    var second = scene.server.request("alice", "a", Event.of("ask/me"), Duration.ofSeconds(10));
    scene.time.settle();
    assertThat(first).isCompletedWithValueMatching(Reply.Closed.class::isInstance);
    assertThat(second).isCompletedWithValueMatching(Reply.Refused.class::isInstance);
  }

  @Test
  void k22_noClientsEventsOvertakeTheOpening() {
    var executor = new Blocking();
    var scene = blocking(executor, 64);
    var opening = scene.channels.webSocket(ALICE);
    executor.block();
    scene.time.settle();
    var openings = new ArrayDeque<>(executor.kept);
    executor.kept.clear();
    executor.blocked = false;
    var second = scene.connect("uid=alice&client-id=b");
    scene.say(second, "[[:test/nocb]]");
    assertThat(scene.events).isEmpty();
    openings.forEach(executor::execute);
    scene.time.settle();
    assertThat(opening.socket().isOpen()).isTrue();
    assertThat(scene.events)
        .containsExactly("chsk/uidport-open alice from alice", "test/nocb null from alice");
  }

  @Test
  void handlersOnTheEventLoopHoldNobodyUp() {
    var scene = new Scene(o -> o.executor(Runnable::run));
    stream(scene, ALICE).cut();
    scene.pass(10_000);
    assertThat(scene.server.connectedUsers().any()).isEmpty();
    scene.server.on(
        "chsk/uidport-open",
        event ->
            CompletableFuture.runAsync(() -> scene.server.signOut("alice"))
                .get(10, TimeUnit.SECONDS));
    stream(scene, "uid=alice&client-id=b");
    assertThat(scene.errors).isEmpty();
    assertThat(scene.server.connectedUsers().any()).isEmpty();
  }

  @Test
  void aClientIsAskedThatHasAnOlderSession() {
    var scene = new Scene();
    stream(scene, ALICE);
    var newer = stream(scene, ALICE, "unknown");
    newer.texts();
    var reply = scene.server.request("alice", "a", Event.of("ask/me"), Duration.ofSeconds(10));
    scene.time.settle();
    scene.say(newer, "[[[:chsk/reply [1 2]]]]");
    assertThat(reply.join()).isInstanceOf(Reply.Value.class);
  }

  @Test
  void aClientMayTakeForEverToAnswer() {
    var scene = new Scene();
    var socket = stream(scene, ALICE);
    var reply =
        scene.server.request("alice", "a", Event.of("ask/me"), ChronoUnit.FOREVER.getDuration());
    scene.time.settle();
    scene.say(socket, "[[[:chsk/reply [1 2]]]]");
    assertThat(reply.join()).isInstanceOf(Reply.Value.class);
  }

  // How many there may be.

  @Test
  void sessionsAreCountedWhenTheyBegin() {
    var scene = new Scene(o -> o.sessionsPerUser(2));
    for (int i = 0; i < 2; i++) {
      assertThat(scene.get("uid=alice&client-id=" + i + "&handshake%3F=1").status()).isEqualTo(200);
    }
    assertThat(scene.get("uid=alice&client-id=2&handshake%3F=1").status()).isEqualTo(429);
    assertThat(scene.get("uid=bob&client-id=2&handshake%3F=1").status()).isEqualTo(200);
    scene.pass(10_000);
    assertThat(scene.get("uid=alice&client-id=2&handshake%3F=1").status()).isEqualTo(200);
  }

  @Test
  void whoComesBackHasItsOwnPlace() {
    var scene = new Scene(o -> o.sessionsPerUser(1).sessionsPerAddress(1));
    stream(scene, ALICE).cut();
    var back = stream(scene, ALICE, "unknown");
    assertThat(back.isOpen()).isTrue();
    assertThat(refused(scene, "uid=alice&client-id=b")).isEqualTo(429);
    assertThat(refused(scene, "uid=bob&client-id=c")).isEqualTo(429);
  }

  /** Who has one of them has all. */
  @Test
  void addressesOfOneNetworkAreOne() {
    var scene =
        new Scene(
            o -> o.sessionsPerAddress(1).clientAddress(request -> request.header("x-address")));
    int client = 0;
    for (var address :
        List.of(
            "2001:db8:0:0:1:2:3:4",
            "2001:db8:0:1:1:2:3:4",
            "1::3:4:5:6:7:8",
            "fe80::1%eth0",
            "::ffff:192.0.2.1",
            "::ffff:192.0.2.2",
            "192.0.2.1:50000",
            "[2001:db8:0:2:1:2:3:4]:50000",
            "nonsense::",
            "a:b")) {
      var query = "client-id=" + client++ + "&handshake%3F=1";
      assertThat(scene.get(query, "X-Address", address).status()).as(address).isEqualTo(200);
    }
    for (var address :
        List.of(
            "2001:db8::1",
            "2001:0DB8:0000:0000:ffff::",
            "2001:db8:0:1::",
            "1:0:3:4::",
            "fe80::2%eth1",
            "192.0.2.1",
            "192.0.2.1:50001",
            "[2001:db8:0:2:1:2:3:5]:50001",
            "[2001:db8:0:2::]",
            "a:b")) {
      var query = "client-id=" + client++ + "&handshake%3F=1";
      assertThat(scene.get(query, "X-Address", address).status()).as(address).isEqualTo(429);
    }
  }

  @Test
  void anAddressThatTheProxyDoesNotTellIsThePeers() {
    var scene =
        new Scene(
            o ->
                o.sessionsPerAddress(1)
                    .clientAddress(request -> request.header("x-forwarded-for")));
    assertThat(stream(scene, ALICE).isOpen()).isTrue();
    assertThat(refused(scene, "uid=bob&client-id=b")).isEqualTo(429);
    assertThat(scene.get("client-id=c&handshake%3F=1", "X-Forwarded-For", "192.0.2.9").status())
        .isEqualTo(200);
  }
}
