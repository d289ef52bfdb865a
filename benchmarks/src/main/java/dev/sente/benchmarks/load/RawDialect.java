package dev.sente.benchmarks.load;

import io.netty.buffer.ByteBuf;

/** The floor's: a message is its data and nothing else. */
public final class RawDialect implements Dialect {

  private static final Shape ECHO = Shape.of(Note.json(Note.ECHO));
  private static final Shape NEWS = Shape.of(Note.json(Note.NEWS));

  @Override
  public Talk talk(int client, Talk.Ear ear) {
    return new RawTalk(client, ear);
  }

  @Override
  public PollTalk pollTalk(int client, Talk.Ear ear) {
    return new RawPollTalk(client, ear);
  }

  /** Tells the number of a message to this client or to all. */
  private static void hear(ByteBuf in, int at, int end, int client, Talk.Ear ear) {
    Shape shape = end - at == ECHO.length() ? ECHO : NEWS;
    long number = end - at == shape.length() ? shape.read(in, at, end, client) : -1;
    if (number < 0 && end - at == NEWS.length()) {
      number = NEWS.read(in, at, end, Shape.EVERYONE);
    }
    if (number < 0) {
      ear.wrong(in.toString(at, end - at, java.nio.charset.StandardCharsets.UTF_8));
    } else {
      ear.heard(number);
    }
  }

  private record RawTalk(int client, Ear ear) implements Talk {

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
      hear(in, at, end, client, ear);
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
    private boolean known;

    RawPollTalk(int client, Talk.Ear ear) {
      this.client = client;
      this.ear = ear;
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
        hear(in, at, end, client, ear);
      } else {
        known = true;
        ear.ready();
      }
    }
  }
}
