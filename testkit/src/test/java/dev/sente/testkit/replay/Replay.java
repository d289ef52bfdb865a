package dev.sente.testkit.replay;

import dev.sente.packer.Packer;
import dev.sente.packer.edn.EdnPacker;
import dev.sente.testkit.InMemoryChannels;
import dev.sente.testkit.InMemoryChannels.InMemoryAnswer;
import dev.sente.testkit.InMemorySocket;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Does to our server what a recorded client did to Sente's, at the same times, and notes what both
 * said. An HTTP answer belongs to the scene of its request, a WebSocket message to the scene in
 * which it came.
 *
 * <p>What an adapter says by itself is left out: HTTP's heads but for the status, pongs, and the
 * echo of a client's close.
 */
final class Replay {

  private static final String BEFORE = "before the first scene";

  private final RecordedApplication application;
  private final InMemoryChannels channels;
  private final Packer packer;
  private final TreeMap<Integer, Connection> connections = new TreeMap<>();
  private final Outcome recorded = new Outcome();
  private final Outcome ours = new Outcome();
  private String scene = BEFORE;
  private long now;

  private Replay(RecordedApplication application, Packer packer) {
    this.application = application;
    this.channels = new InMemoryChannels(application.server(), application.time());
    this.packer = packer;
  }

  /** What Sente said, and what our server says. */
  record Outcomes(Outcome recorded, Outcome ours) {}

  static Outcomes of(Recording recording, RecordedApplication application, Packer packer) {
    var replay = new Replay(application, packer);
    replay.begin(BEFORE);
    var unrecorded = new ArrayDeque<>(Unrecorded.in(recording.name()));
    for (var entry : recording.entries()) {
      while (!unrecorded.isEmpty() && unrecorded.peek().at() < entry.at()) {
        var next = unrecorded.remove();
        replay.passUntil(next.at());
        next.deed().accept(replay);
      }
      replay.passUntil(entry.at());
      replay.replay(entry);
    }
    replay.passUntil(replay.now + Duration.ofMinutes(1).toMillis());
    replay.finish();
    return new Outcomes(replay.recorded, replay.ours);
  }

  private void begin(String named) {
    scene = named;
    recorded.begin(named);
    ours.begin(named);
  }

  private void passUntil(long at) {
    application.time().advance(Duration.ofMillis(Math.max(0, at - now)));
    now = Math.max(now, at);
    connections.values().forEach(this::hear);
  }

  private Connection connection(int number) {
    return connections.computeIfAbsent(number, Connection::new);
  }

  private void replay(Recording.Entry entry) {
    var connection = connection(entry.connection());
    switch (entry.what()) {
      case Recording.What.Note(String text) -> {
        if (text.startsWith("scene: ")) {
          begin(text.substring("scene: ".length()));
        }
      }
      case Recording.What.Request request -> send(connection, request);
      case Recording.What.Response response -> note(connection, response);
      case Recording.What.Frame frame -> {
        if (entry.fromClient()) {
          send(connection, frame);
        } else {
          note(connection, frame);
        }
      }
      case Recording.What.Ended(boolean byClient) -> {
        if (byClient) {
          connection.end();
        }
      }
    }
    application.time().settle();
    connections.values().forEach(this::hear);
  }

  private void send(Connection connection, Recording.What.Request request) {
    var query = request.query().startsWith("?") ? request.query().substring(1) : null;
    var answer = channels.http(request.method(), query, request.body(), request.headers());
    application.time().settle();
    if (answer.isSocket()) {
      connection.socket = answer.socket();
      ours.add(scene, connection.number, "101");
      recordedAnswerIsDue(connection, null);
    } else {
      recordedAnswerIsDue(connection, answer);
    }
  }

  private void recordedAnswerIsDue(Connection connection, @Nullable InMemoryAnswer answer) {
    var exchange = new Exchange(scene, answer);
    connection.exchanges.add(exchange);
    connection.unanswered.add(exchange);
  }

  private void note(Connection connection, Recording.What.Response response) {
    var exchange = connection.unanswered.remove();
    recorded.add(exchange.scene(), connection.number, shown(response.status(), response.body()));
  }

  private void send(Connection connection, Recording.What.Frame frame) {
    var socket = connection.socket;
    if (socket == null) {
      throw new AssertionError("connection " + connection.number + " has no WebSocket");
    }
    switch (frame.op()) {
      case "text", "binary", "continuation" -> {
        if (!frame.op().equals("continuation")) {
          connection.binary = frame.op().equals("binary");
        }
        connection.message.writeBytes(frame.payload());
        if (frame.fin()) {
          socket.sendBytes(connection.message.toByteArray(), connection.binary);
          connection.message.reset();
        }
      }
      case "close" -> {
        hear(connection);
        connection.isClosed = true;
        socket.closeByClient(frame.code());
      }
      default -> {}
    }
  }

  private void note(Connection connection, Recording.What.Frame frame) {
    switch (frame.op()) {
      case "text", "binary" -> recorded.add(scene, connection.number, shown(frame.payload()));
      case "close" -> {
        if (!connection.isClosed) {
          recorded.add(scene, connection.number, "close " + frame.code());
        }
      }
      default -> {}
    }
  }

  /** Notes what our server has said on the connection's WebSocket meanwhile. */
  private void hear(Connection connection) {
    var socket = connection.socket;
    if (socket == null) {
      return;
    }
    for (var message : socket.messages()) {
      ours.add(scene, connection.number, shown(message));
    }
    if (!socket.isOpen() && !connection.isClosed && !connection.isClosedByUs) {
      connection.isClosedByUs = true;
      ours.add(scene, connection.number, "close " + socket.closeCode());
    }
  }

  private void finish() {
    for (var connection : connections.values()) {
      for (var exchange : connection.exchanges) {
        var answer = exchange.answer();
        if (answer != null && answer.isAnswered()) {
          ours.add(
              exchange.scene(),
              connection.number,
              shown(answer.status(), answer.response().body()));
        }
      }
    }
  }

  private String shown(int status, byte[] body) {
    return switch (status) {
      case 0, 101 -> String.valueOf(status);
      case 200 -> shown(body);
      default -> status + " " + new String(body, StandardCharsets.UTF_8);
    };
  }

  /** A message as edn, to the byte where it is edn. */
  private String shown(byte[] message) {
    byte[] edn =
        packer.name().equals("edn")
            ? message
            : EdnPacker.DEFAULT.pack(packer.read(message).value());
    return new String(edn, StandardCharsets.UTF_8);
  }

  // For what happened and left no record.

  RecordedApplication application() {
    return application;
  }

  /** A message on an open WebSocket. */
  void say(int connection, String text) {
    send(
        connection(connection),
        new Recording.What.Frame("text", true, text.getBytes(StandardCharsets.UTF_8), 0));
  }

  /** A POST on a connection of its own. */
  void post(int connection, String form) {
    send(
        connection(connection),
        new Recording.What.Request(
            "POST",
            "",
            new String[] {"Content-Type", "application/x-www-form-urlencoded"},
            form.getBytes(StandardCharsets.UTF_8),
            false));
  }

  /** One request, in its scene; no answer of ours for a WebSocket. */
  private record Exchange(String scene, @Nullable InMemoryAnswer answer) {}

  private static final class Connection {
    final int number;
    final List<Exchange> exchanges = new ArrayList<>();

    /** Those that the recorded server has not answered yet. */
    final ArrayDeque<Exchange> unanswered = new ArrayDeque<>();

    final ByteArrayOutputStream message = new ByteArrayOutputStream();
    boolean binary;
    @Nullable InMemorySocket socket;

    /** Whether the client has closed it. */
    boolean isClosed;

    boolean isClosedByUs;

    Connection(int number) {
      this.number = number;
    }

    /** The client ends TCP. */
    void end() {
      exchanges.forEach(
          exchange -> {
            if (exchange.answer() != null) {
              exchange.answer().abort();
            }
          });
      if (socket != null) {
        isClosed = true;
        socket.cut();
      }
    }
  }
}
