package dev.sente.benchmarks.load;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * CometD's protocol, Bayeux 1.0, by WebSocket. What a client asks goes to a service channel, which
 * acknowledges it, and by which the reply comes.
 */
public final class BayeuxDialect implements Dialect {

  private static final Shape NEWS =
      Shape.of("{\"data\":" + Note.json(Note.NEWS) + ",\"channel\":\"/news\"}");
  private static final Shape POST =
      Shape.of("{\"data\":" + Note.json(Note.POST) + ",\"channel\":\"/post\"}");

  /** What the server has read is a map without an order of its own; this is the one it comes to. */
  private static final Shape REPLY =
      Shape.of(
          "{\"data\":{\"to\":@,\"text\":\""
              + Note.ECHO
              + "\",\"n\":#},\"channel\":\"/service/echo\"}");

  private static final Shape ACKNOWLEDGED =
      Shape.of("{\"channel\":\"/service/echo\",\"id\":\"#\",\"successful\":true}");

  @Override
  public Talk talk(int client, Talk.Ear ear) {
    return new BayeuxTalk(client, ear);
  }

  private static final class BayeuxTalk implements Talk {

    private final int client;
    private final Ear ear;
    private @Nullable String session;
    private @Nullable Shape ask;

    BayeuxTalk(int client, Ear ear) {
      this.client = client;
      this.ear = ear;
    }

    @Override
    public String target() {
      return "/cometd";
    }

    @Override
    public void opened(Line line) {
      line.send(
          "[{\"id\":\"1\",\"channel\":\"/meta/handshake\",\"version\":\"1.0\","
              + "\"supportedConnectionTypes\":[\"websocket\"],\"ext\":{\"user\":\""
              + Shape.name(client)
              + "\"}}]");
    }

    @Override
    public void message(Line line, ByteBuf in, int at, int end) {
      // A frame is an array of messages.
      int next = at;
      while (next < end - 1) {
        next = one(line, in, next + 1, end);
      }
    }

    /** Reads one message; where it ends. */
    private int one(Line line, ByteBuf in, int at, int end) {
      Shape[] shapes = {NEWS, POST, REPLY};
      for (var shape : shapes) {
        long number = shape.read(in, at, end, shape == NEWS ? Shape.EVERYONE : client);
        if (number >= 0) {
          ear.heard(number);
          return at + shape.length();
        }
      }
      if (ACKNOWLEDGED.read(in, at, end, client) >= 0) {
        return at + ACKNOWLEDGED.length();
      }
      int to = endOfObject(in, at, end);
      meta(line, in.toString(at, to - at, StandardCharsets.UTF_8));
      return to;
    }

    /** No string there has a brace. */
    private static int endOfObject(ByteBuf in, int at, int end) {
      int depth = 0;
      for (int i = at; i < end; i++) {
        byte b = in.getByte(i);
        depth += b == '{' ? 1 : b == '}' ? -1 : 0;
        if (depth == 0) {
          return i + 1;
        }
      }
      return end;
    }

    private void meta(Line line, String message) {
      if (!message.contains("\"successful\":true")) {
        ear.wrong(message);
      } else if (message.contains("\"/meta/handshake\"")) {
        var before = "\"clientId\":\"";
        int from = message.indexOf(before) + before.length();
        session = message.substring(from, message.indexOf('"', from));
        ask =
            Shape.of(
                "[{\"id\":\"#\",\"channel\":\"/service/echo\",\"clientId\":\""
                    + session
                    + "\",\"data\":"
                    + Note.json(Note.ECHO)
                    + "}]");
        connect(line, ",\"advice\":{\"timeout\":0}");
        line.send(
            "[{\"id\":\"3\",\"channel\":\"/meta/subscribe\",\"clientId\":\""
                + session
                + "\",\"subscription\":\"/news\"}]");
      } else if (message.contains("\"/meta/connect\"")) {
        connect(line, "");
      } else if (message.contains("\"/meta/subscribe\"")) {
        ear.ready();
      } else {
        ear.wrong(message);
      }
    }

    /** The server holds this until its time has come: its sign of life. */
    private void connect(Line line, String more) {
      line.send(
          "[{\"id\":\"2\",\"channel\":\"/meta/connect\",\"connectionType\":\"websocket\","
              + "\"clientId\":\""
              + session
              + "\""
              + more
              + "}]");
    }

    @Override
    public void ask(Line line, long number) {
      if (ask != null) {
        line.send(ask, number, client);
      }
    }
  }
}
