package dev.sente.testkit.simulation;

import dev.sente.event.Event;
import dev.sente.packer.edn.EdnPacker;
import dev.sente.stream.Inbound;
import dev.sente.stream.Outbound;
import dev.sente.testkit.FakeTime;
import dev.sente.wire.Frame;
import dev.sente.wire.Message;
import dev.sente.wire.Outgoing;
import dev.sente.wire.StreamWire;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** A v2 client as PROTOCOL.md has it, over a network with faults, in virtual time. */
final class SimulatedClient {

  private static final EdnPacker PACKER = EdnPacker.DEFAULT;

  private final String name;
  private final FakeTime time;
  private final RandomGenerator random;
  private final Network network;
  private final Ledger ledger;

  private String uid;
  private @Nullable String session;
  private Outbound<Outgoing> outbound = new Outbound<>(Outgoing::weight);
  private Inbound inbound = new Inbound();

  /** What each message in the stream is, by itself. */
  private final Map<Outgoing, String> named = new HashMap<>();

  /** Counts attempts to connect, so that what comes from an older one is known. */
  private int attempt;

  /** The attempt that is connected; -1 for none. */
  private int connected = -1;

  private Network.@Nullable Link link;
  private final Map<Network.Link, LinkState> links = new HashMap<>();
  private boolean posting;
  private boolean stayAway;
  private long requests;

  /** What is known of one WebSocket. */
  private static final class LinkState {
    final int attempt;
    long position;
    boolean greeted;

    LinkState(int attempt, long position) {
      this.attempt = attempt;
      this.position = position;
    }
  }

  SimulatedClient(
      String name,
      String uid,
      FakeTime time,
      RandomGenerator random,
      Network network,
      Ledger ledger) {
    this.name = name;
    this.uid = uid;
    this.time = time;
    this.random = random;
    this.network = network;
    this.ledger = ledger;
  }

  String name() {
    return name;
  }

  String uid() {
    return uid;
  }

  /** Logs in as somebody else: the next connection is that user's. */
  void become(String other) {
    uid = other;
    connect(random.nextBoolean());
  }

  boolean isConnected() {
    return connected == attempt;
  }

  /** Connects anew, over either transport, while what there is goes on until that succeeds. */
  void connect(boolean overWebSocket) {
    if (stayAway) {
      return;
    }
    attempt++;
    int mine = attempt;
    ledger.log(name + " connects as " + uid + (overWebSocket ? " by WebSocket" : " by polling"));
    if (overWebSocket) {
      openSocket(mine);
    } else {
      poll(mine, true);
    }
    time.after(
        Duration.ofSeconds(6),
        () -> {
          if (attempt == mine && connected != mine) {
            connect(random.nextBoolean());
          }
        });
  }

  private void openSocket(int mine) {
    var protocols = "sente.v2" + (session == null ? "" : ", sente.session." + session);
    long received = inbound.received();
    network.webSocket(
        query() + "&received=" + received,
        protocols,
        new Network.Listener() {
          @Override
          public void opened(Network.Link opened) {
            links.put(opened, new LinkState(mine, received));
            if (attempt != mine) {
              opened.close();
            }
          }

          @Override
          public void message(Network.Link from, byte[] bytes) {
            SimulatedClient.this.message(from, bytes);
          }

          @Override
          public void closed(Network.Link gone, int code) {
            links.computeIfAbsent(gone, l -> new LinkState(mine, received));
            SimulatedClient.this.closed(gone);
          }
        });
  }

  private String query() {
    return "uid=" + uid + "&client-id=" + name;
  }

  private void message(Network.Link from, byte[] bytes) {
    var state = links.get(from);
    if (state == null) {
      return;
    }
    var frame = StreamWire.read(PACKER, bytes);
    ledger.log(name + " receives " + new String(bytes, StandardCharsets.UTF_8));
    if (frame instanceof Frame.Handshake handshake) {
      ledger.check(!state.greeted, name + " was greeted twice");
      state.greeted = true;
      if (state.attempt != attempt) {
        from.close();
        return;
      }
      var older = link;
      link = from;
      if (older != null && older != from) {
        older.close();
      }
      greeted(state.attempt, handshake);
      if (!handshake.info().resumed()) {
        state.position = 0;
      }
      sendMore();
      return;
    }
    ledger.check(
        state.greeted || frame instanceof Frame.Close,
        name + " got something before the handshake");
    if (link != from) {
      return;
    }
    switch (frame) {
      case Frame.Batch batch -> {
        for (var message : batch.messages()) {
          state.position++;
          take(state.position, message);
        }
        if (random.nextInt(4) == 0 || inbound.isTellingDue()) {
          from.send(StreamWire.ack(PACKER, inbound.received()));
          inbound.tell();
        } else {
          time.after(Duration.ofSeconds(1), this::acknowledgeLate);
        }
      }
      case Frame.Ack ack ->
          ledger.check(
              outbound.acknowledge(ack.received()), name + " got an impossible acknowledgement");
      case Frame.Ping ping -> {
        acknowledgeLate();
        from.send(StreamWire.pong(PACKER));
      }
      case Frame.Close close -> {
        if (close.code() >= 4500 && link == from) {
          ledger.check(close.code() != 4501, name + " broke the protocol, says the server");
        }
      }
      case Frame.Pong pong -> {}
      case Frame.Timeout timeout -> ledger.check(false, "a time-out on a WebSocket");
      case Frame.Handshake handshake -> {}
    }
  }

  private void acknowledgeLate() {
    var open = link;
    if (open != null && connected == attempt && inbound.untold() > 0) {
      open.send(StreamWire.ack(PACKER, inbound.received()));
      inbound.tell();
    }
  }

  private void closed(Network.Link gone) {
    var state = links.remove(gone);
    boolean mattered = link == gone || (state != null && state.attempt == attempt);
    if (link == gone) {
      link = null;
    }
    if (mattered && (state == null || state.attempt == attempt)) {
      connected = -1;
      int now = attempt;
      time.after(
          Duration.ofMillis(random.nextInt(2000)),
          () -> {
            if (attempt == now) {
              connect(random.nextBoolean());
            }
          });
    }
  }

  private void greeted(int mine, Frame.Handshake handshake) {
    var info = handshake.info();
    if (info.resumed()) {
      ledger.check(
          info.session().equals(session), name + " was resumed in a session that it did not name");
      ledger.check(
          outbound.resumeAt(info.received()),
          name
              + " was resumed at an impossible count "
              + info.received()
              + ", acknowledged "
              + outbound.acknowledged()
              + ", given "
              + outbound.given());
    } else {
      ledger.check(
          session == null || info.lost() != null, name + "'s loss of its session was not told");
      beginAnew(info.lost());
    }
    session = info.session();
    connected = mine;
    ledger.log(
        name
            + (info.resumed() ? " is resumed" : " begins, lost " + info.lost())
            + " in "
            + session
            + " server has "
            + info.received());
  }

  /** V14: what may have reached the old session stays out of the new one; the rest goes on. */
  private void beginAnew(@Nullable String lost) {
    long sent = outbound.given() - outbound.acknowledged();
    var kept = outbound.drain();
    var fresh = new Outbound<Outgoing>(Outgoing::weight);
    for (int i = 0; i < kept.size(); i++) {
      var message = kept.get(i);
      if (i < sent) {
        ledger.clientLost(name, String.valueOf(named.get(message)));
      } else if (!String.valueOf(named.get(message)).startsWith("reply ")) {
        fresh.append(message, Integer.MAX_VALUE, Long.MAX_VALUE);
      }
    }
    outbound = fresh;
    inbound = new Inbound();
    ledger.newEpoch(name, lost);
  }

  private void take(long number, Message message) {
    if (inbound.isGap(number)) {
      ledger.check(false, name + " got message " + number + " after " + inbound.received());
    }
    if (!inbound.accept(number)) {
      return;
    }
    switch (message) {
      case Message.EventMessage event ->
          ledger.clientGot(name, String.valueOf(event.data().value()));
      case Message.Request asked -> {
        ledger.clientGot(name, String.valueOf(asked.data().value()));
        append(
            StreamWire.reply(asked.number(), asked.data().value()),
            "reply " + asked.data().value());
      }
      case Message.Reply reply -> {
        var what = String.valueOf(reply.value().value());
        ledger.clientGot(name, "answer " + what);
        ledger.replied(name, what);
      }
      case Message.Failure failure -> ledger.check(false, name + " got " + failure);
    }
  }

  /** Sends an event. */
  void say(String what) {
    ledger.clientSaid(name, what);
    append(Outgoing.event(Event.of("sim/say", what)), what);
  }

  /** Asks something. */
  void ask(String what) {
    ledger.clientSaid(name, what);
    ledger.asked(name, what);
    append(StreamWire.request(++requests, Event.of("sim/ask", what)), what);
  }

  private void append(Outgoing message, String what) {
    message.packedBy(PACKER);
    named.put(message, what);
    outbound.append(message, Integer.MAX_VALUE, Long.MAX_VALUE);
    sendMore();
  }

  private void sendMore() {
    if (connected != attempt) {
      return;
    }
    var open = link;
    if (open != null) {
      while (outbound.hasMore()) {
        open.send(StreamWire.batch(PACKER, outbound.take(1 + random.nextInt(200))));
      }
    } else if (!posting && outbound.hasMore()) {
      post(attempt);
    }
  }

  // Long-polling.

  private String[] headers() {
    return session == null
        ? new String[] {"X-Sente", "2"}
        : new String[] {"X-Sente", "2", "X-Sente-Session", session};
  }

  private void poll(int mine, boolean wantsHandshake) {
    long base = inbound.received();
    var asked = session;
    network.http(
        "GET",
        query() + "&received=" + base + (wantsHandshake ? "&handshake%3F=1" : ""),
        new byte[0],
        (status, body) -> polled(mine, asked, base, status, body),
        headers());
  }

  private void polled(int mine, @Nullable String asked, long base, int status, byte[] body) {
    if (attempt != mine) {
      return;
    }
    if (status != 200) {
      int now = attempt;
      time.after(
          Duration.ofMillis(random.nextInt(1000)),
          () -> {
            if (attempt == now) {
              connect(random.nextBoolean());
            }
          });
      connected = -1;
      return;
    }
    ledger.log(name + " is answered " + new String(body, StandardCharsets.UTF_8));
    switch (StreamWire.read(PACKER, body)) {
      case Frame.Handshake handshake -> {
        var older = link;
        link = null;
        if (older != null) {
          older.close();
        }
        greeted(mine, handshake);
      }
      case Frame.Batch batch -> {
        if (java.util.Objects.equals(asked, session)) {
          long number = base;
          for (var message : batch.messages()) {
            take(++number, message);
          }
        }
      }
      case Frame.Timeout timeout -> {}
      case Frame.Close close -> {
        connect(random.nextBoolean());
        return;
      }
      case Frame.Ack ack -> ledger.check(false, "an ack as a poll's answer");
      case Frame.Ping ping -> ledger.check(false, "a ping as a poll's answer");
      case Frame.Pong pong -> ledger.check(false, "a pong as a poll's answer");
    }
    poll(mine, false);
    sendMore();
  }

  private void post(int mine) {
    long first = outbound.cursor() + 1;
    var messages = outbound.take(1 + random.nextInt(500));
    var of = session;
    posting = true;
    network.http(
        "POST",
        query() + "&first=" + first,
        StreamWire.batch(PACKER, messages),
        (status, body) -> posted(mine, of, status, body),
        headers());
  }

  private void posted(int mine, @Nullable String of, int status, byte[] body) {
    posting = false;
    boolean current = java.util.Objects.equals(of, session);
    // V19: while another handshake is awaited, a POST's answer does not count.
    if (current
        && connected == attempt
        && status == 200
        && StreamWire.read(PACKER, body) instanceof Frame.Ack ack) {
      ledger.check(
          outbound.acknowledge(ack.received()), name + " got an impossible acknowledgement");
    }
    if (connected != attempt || link != null) {
      return;
    }
    if (current && attempt == mine) {
      outbound.resumeAt(outbound.acknowledged());
    }
    if (status == 410) {
      connect(random.nextBoolean());
    } else {
      time.after(Duration.ofMillis(random.nextInt(200)), this::sendMoreByPost);
    }
  }

  private void sendMoreByPost() {
    if (!posting) {
      sendMore();
    }
  }

  /** Goes for good. */
  void leave() {
    stayAway = true;
    attempt++;
    var open = link;
    link = null;
    if (open != null) {
      open.close();
    }
  }

  // Faults.

  /** Breaks the WebSocket, noticed by each side sooner, later, or never. */
  void breakLink() {
    var open = link;
    if (open != null) {
      int server = random.nextInt(4) == 0 ? -1 : random.nextInt(3000);
      int client = random.nextInt(4) == 0 ? 20_000 : random.nextInt(3000);
      ledger.log(name + "'s WebSocket breaks, noticed after " + server + " and " + client);
      open.cut(server, client);
    }
  }

  void stall(boolean now) {
    var open = link;
    if (open != null) {
      open.stall(now);
    }
  }
}
