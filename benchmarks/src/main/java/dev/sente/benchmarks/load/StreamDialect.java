package dev.sente.benchmarks.load;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Sente's v2 in JSON (PROTOCOL.md): counts, acknowledges and resumes as the protocol says. */
public final class StreamDialect implements Dialect {

  private static final Shape ASK =
      Shape.of("[[[\"chsk/request\",[#,[\"bench/echo\"," + Note.json(Note.ECHO) + "]]]]]");
  private static final Shape REPLY = Shape.of("[\"chsk/reply\",[#," + Note.json(Note.ECHO) + "]]");
  private static final Shape NEWS = Shape.of("[\"bench/news\"," + Note.json(Note.NEWS) + "]");
  private static final Shape POST = Shape.of("[\"bench/post\"," + Note.json(Note.POST) + "]");

  private static final int ACKNOWLEDGE_AT = 128;

  @Override
  public Talk talk(int client, Talk.Ear ear) {
    return new StreamTalk(client, ear);
  }

  @Override
  public PollTalk pollTalk(int client, Talk.Ear ear) {
    return new StreamPollTalk(client, ear);
  }

  /** What a client remembers of its session, whatever carries it. */
  private abstract static class Session {

    final int client;
    final Talk.Ear ear;

    @Nullable String token;

    /** How many messages were accepted. */
    long received;

    /** How many of them the server has been told of. */
    long told;

    /** The number of the last message of the present connection (V6). */
    long position;

    Session(int client, Talk.Ear ear) {
      this.client = client;
      this.ear = ear;
    }

    /** Reads a batch of messages; false where the frame is none. */
    boolean batch(ByteBuf in, int at, int end) {
      if (end - at < 4 || in.getByte(at + 2) != '[') {
        return false;
      }
      int next = at + 2;
      while (true) {
        next = message(in, next, end);
        if (next < 0) {
          return true;
        }
        if (in.getByte(next) != ',') {
          break;
        }
        next++;
      }
      if (end - next != 2 || in.getByte(next) != ']' || in.getByte(next + 1) != ']') {
        ear.wrong(text(in, at, end));
      }
      return true;
    }

    /** Reads one message; where the next thing is, or -1. */
    private int message(ByteBuf in, int at, int end) {
      // ["bench/news" and ["bench/post" and ["chsk/reply"
      byte sign = end - at > 8 ? in.getByte(at + 8) : 0;
      Shape shape = sign == 'n' ? NEWS : sign == 'p' ? POST : REPLY;
      long number = shape.read(in, at, end, shape == NEWS ? Shape.EVERYONE : client);
      if (number < 0) {
        ear.wrong(text(in, at, end));
        return -1;
      }
      if (++position == received + 1) {
        received++;
        ear.heard(number);
      } else {
        ear.repeated();
      }
      return at + shape.length();
    }

    /** Reads a handshake (V4). */
    void handshake(String frame) {
      if (token != null && !frame.contains("\"resumed\":true")) {
        received = 0;
        ear.lost();
      }
      token = between(frame, "\"session\":\"", "\"");
      position = received;
      told = received;
      if (token == null) {
        ear.wrong(frame);
      } else {
        ear.ready();
      }
    }
  }

  private static @Nullable String between(String text, String before, String after) {
    int from = text.indexOf(before);
    int to = from < 0 ? -1 : text.indexOf(after, from + before.length());
    return to < 0 ? null : text.substring(from + before.length(), to);
  }

  private static String text(ByteBuf in, int at, int end) {
    return in.toString(at, end - at, StandardCharsets.UTF_8);
  }

  private static String query(int client, long received) {
    return "/chsk?client-id=" + Shape.name(client) + "&packer=json&received=" + received;
  }

  private static final class StreamTalk extends Session implements Talk {

    /** Whether something was unacknowledged at the last tick already. */
    private boolean owes;

    StreamTalk(int client, Ear ear) {
      super(client, ear);
    }

    @Override
    public String target() {
      return query(client, received);
    }

    @Override
    public List<String> headers() {
      return List.of(
          "Sec-WebSocket-Protocol: sente.v2" + (token == null ? "" : ", sente.session." + token));
    }

    @Override
    public void opened(Line line) {}

    @Override
    public void message(Line line, ByteBuf in, int at, int end) {
      if (batch(in, at, end)) {
        if (received - told >= ACKNOWLEDGE_AT) {
          acknowledge(line);
        }
        return;
      }
      var frame = text(in, at, end);
      if (frame.startsWith("[[\"chsk/handshake\"")) {
        handshake(frame);
      } else if (frame.startsWith("[[\"chsk/ping\"")) {
        acknowledge(line);
        line.send("[[\"chsk/pong\"]]");
      } else if (!frame.startsWith("[[\"chsk/ack\"") && !frame.startsWith("[[\"chsk/close\"")) {
        ear.wrong(frame);
      }
    }

    @Override
    public void ask(Line line, long number) {
      line.send(ASK, number, client);
    }

    /** V9: within a second of the first message that is unacknowledged. */
    @Override
    public void tick(Line line) {
      if (owes) {
        acknowledge(line);
      } else {
        owes = received > told;
      }
    }

    private void acknowledge(Line line) {
      owes = false;
      if (received > told) {
        told = received;
        line.send("[[\"chsk/ack\"," + received + "]]");
      }
    }
  }

  private static final class StreamPollTalk extends Session implements PollTalk {

    StreamPollTalk(int client, Talk.Ear ear) {
      super(client, ear);
    }

    @Override
    public String next() {
      position = received;
      return "GET "
          + query(client, received)
          + (token == null ? "&handshake?=true" : "")
          + " HTTP/1.1\r\nHost: localhost\r\nX-Sente: 2\r\n"
          + (token == null ? "" : "X-Sente-Session: " + token + "\r\n")
          + "\r\n";
    }

    @Override
    public void answer(ByteBuf in, int at, int end) {
      if (batch(in, at, end)) {
        return;
      }
      var frame = text(in, at, end);
      if (frame.startsWith("[[\"chsk/handshake\"")) {
        handshake(frame);
      } else if (!frame.startsWith("[[\"chsk/timeout\"")) {
        ear.wrong(frame);
      }
    }
  }
}
