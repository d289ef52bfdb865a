package dev.sente.benchmarks.load;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/**
 * The floor's: a message is its data and nothing else.
 *
 * @param isSilent whether its clients never tell that they are there
 */
public record RawDialect(boolean isSilent) implements Dialect {

  private static final Shape ECHO = Shape.of(Note.json(Note.ECHO));
  private static final Shape NEWS = Shape.of(Note.json(Note.NEWS));

  @Override
  public Talk talk(int client, Talk.Ear ear) {
    return new RawTalk(client, ear, isSilent, new Reader(client, ear));
  }

  @Override
  public PollTalk pollTalk(int client, Talk.Ear ear) {
    return new RawPollTalk(client, ear);
  }

  /** Tells the number of a message; what is for all is as cheap to read as a client's own. */
  private static final class Reader {
    private final int client;
    private final Talk.Ear ear;

    /** Whom the last one was for, as the next will be. */
    private int lastTo;

    Reader(int client, Talk.Ear ear) {
      this.client = client;
      this.ear = ear;
      this.lastTo = client;
    }

    void read(ByteBuf in, int at, int end) {
      var shape = end - at == ECHO.length() ? ECHO : NEWS;
      long number = end - at == shape.length() ? shape.read(in, at, end, lastTo) : -1;
      if (number < 0 && end - at == NEWS.length()) {
        lastTo = lastTo == client ? Shape.EVERYONE : client;
        number = NEWS.read(in, at, end, lastTo);
      }
      if (number < 0) {
        ear.wrong(in.toString(at, end - at, StandardCharsets.UTF_8));
      } else {
        ear.heard(number);
      }
    }
  }

  private record RawTalk(int client, Ear ear, boolean isSilent, Reader reader) implements Talk {

    @Override
    public String target() {
      return "/" + Shape.name(client);
    }

    @Override
    public void opened(Line line) {
      ear.ready();
    }

    @Override
    public void message(Line line, ByteBuf in, int at, int end) {
      reader.read(in, at, end);
    }

    @Override
    public void ask(Line line, long number) {
      line.send(ECHO, number, client);
    }
  }

  /** Its first request asks to be known, and is answered at once. */
  private static final class RawPollTalk implements PollTalk {

    private final int client;
    private final Talk.Ear ear;
    private final Reader reader;
    private boolean known;

    RawPollTalk(int client, Talk.Ear ear) {
      this.client = client;
      this.ear = ear;
      this.reader = new Reader(client, ear);
    }

    @Override
    public String next() {
      return "GET /"
          + Shape.name(client)
          + (known ? "" : "?hello")
          + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
    }

    @Override
    public void answer(ByteBuf in, int at, int end) {
      if (known) {
        reader.read(in, at, end);
      } else {
        known = true;
        ear.ready();
      }
    }
  }
}
