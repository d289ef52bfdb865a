package dev.sente.benchmarks.load;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * STOMP 1.2 by WebSocket, as Spring's broker speaks it. A reply comes to the user's own queue, and
 * so does what is pushed.
 */
public final class StompDialect implements Dialect {

  private static final String SEND =
      "SEND\ndestination:/app/echo\ncontent-type:application/json\ncontent-length:";

  private static final Shape ECHO = Shape.of(Note.json(Note.ECHO));
  private static final Shape NEWS = Shape.of(Note.json(Note.NEWS));
  private static final Shape ASK =
      Shape.of(SEND + ECHO.length() + "\n\n" + Note.json(Note.ECHO) + "\0");

  /** Numbers from here on are no messages to count. */
  private static final long TRIAL = 2_000_000_000L;

  /** The broker says nothing when it has subscribed a client: what it answers shows that it has. */
  private static final int TRIALS = 3;

  @Override
  public Talk talk(int client, Talk.Ear ear) {
    return new StompTalk(client, ear);
  }

  private static final class StompTalk implements Talk {

    private final int client;
    private final Ear ear;
    private boolean isConnected;
    private int answered;
    private int answeredAtTick;

    StompTalk(int client, Ear ear) {
      this.client = client;
      this.ear = ear;
    }

    @Override
    public String target() {
      return "/stomp/" + Shape.name(client);
    }

    @Override
    public List<String> headers() {
      return List.of("Sec-WebSocket-Protocol: v12.stomp");
    }

    @Override
    public void opened(Line line) {
      line.send("CONNECT\naccept-version:1.2\nhost:localhost\nheart-beat:0,0\n\n\0");
    }

    @Override
    public void message(Line line, ByteBuf in, int at, int end) {
      byte first = in.getByte(at);
      if (first == 'M') {
        body(line, in, at, end);
      } else if (first == 'C') {
        isConnected = true;
        line.send("SUBSCRIBE\nid:0\ndestination:/topic/news\n\n\0");
        line.send("SUBSCRIBE\nid:1\ndestination:/user/queue/notes\n\n\0");
        ask(line, TRIAL);
      } else {
        wrong(in, at, end);
      }
    }

    /** A message's body has a length that we know, and follows an empty line. */
    private void body(Line line, ByteBuf in, int at, int end) {
      long number = -1;
      if (follows(in, at, end - 1 - NEWS.length())) {
        number = NEWS.read(in, end - 1 - NEWS.length(), end - 1, client);
        if (number < 0) {
          number = NEWS.read(in, end - 1 - NEWS.length(), end - 1, Shape.EVERYONE);
        }
      } else if (follows(in, at, end - 1 - ECHO.length())) {
        number = ECHO.read(in, end - 1 - ECHO.length(), end - 1, client);
      }
      if (number < 0 || in.getByte(end - 1) != 0) {
        wrong(in, at, end);
      } else if (number < TRIAL) {
        ear.heard(number);
      } else if (++answered < TRIALS) {
        ask(line, TRIAL);
      } else if (answered == TRIALS) {
        ear.ready();
      }
    }

    private static boolean follows(ByteBuf in, int at, int body) {
      return body - 2 > at && in.getByte(body - 1) == '\n' && in.getByte(body - 2) == '\n';
    }

    private void wrong(ByteBuf in, int at, int end) {
      ear.wrong(in.toString(at, end - at, StandardCharsets.UTF_8));
    }

    /** Asks again where the answer had no subscription to go to. */
    @Override
    public void tick(Line line) {
      if (isConnected && answered < TRIALS && answered == answeredAtTick) {
        ask(line, TRIAL);
      }
      answeredAtTick = answered;
    }

    @Override
    public void ask(Line line, long number) {
      line.send(ASK, number, client);
    }
  }
}
