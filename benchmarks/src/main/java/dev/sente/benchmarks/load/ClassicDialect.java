package dev.sente.benchmarks.load;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/** Sente's classic mode in edn, by WebSocket. */
public final class ClassicDialect implements Dialect {

  private static final Shape ASK = Shape.of("[[:bench/echo " + Note.edn(Note.ECHO) + "] #]");
  private static final Shape REPLY = Shape.of("[" + Note.edn(Note.ECHO) + " #]");
  private static final Shape NEWS = Shape.of("[:bench/news " + Note.edn(Note.NEWS) + "]");
  private static final Shape POST = Shape.of("[:bench/post " + Note.edn(Note.POST) + "]");

  @Override
  public Talk talk(int client, Talk.Ear ear) {
    return new ClassicTalk(client, ear);
  }

  private record ClassicTalk(int client, Ear ear) implements Talk {

    @Override
    public String target() {
      return "/chsk?client-id=" + Shape.name(client) + "&packer=edn";
    }

    @Override
    public void opened(Line line) {}

    @Override
    public void message(Line line, ByteBuf in, int at, int end) {
      if (in.getByte(at + 1) == '{') {
        tell(REPLY.read(in, at, end, client), in, at, end);
      } else if (in.getByte(at + 1) == '[' && in.getByte(at + 2) == '[') {
        batch(in, at, end);
      } else {
        var frame = in.toString(at, end - at, StandardCharsets.UTF_8);
        if (frame.startsWith("[[:chsk/handshake")) {
          ear.ready();
        } else if (frame.startsWith("[:chsk/ws-ping")) {
          line.send("[[:chsk/ws-pong] nil]");
        } else {
          ear.wrong(frame);
        }
      }
    }

    private void batch(ByteBuf in, int at, int end) {
      int next = at + 2;
      while (in.getByte(next) == '[') {
        // [:bench/news and [:bench/post
        Shape shape = in.getByte(next + 8) == 'n' ? NEWS : POST;
        long number = shape.read(in, next, end, shape == NEWS ? Shape.EVERYONE : client);
        tell(number, in, next, end);
        if (number < 0) {
          return;
        }
        next += shape.length();
        if (in.getByte(next) == ' ') {
          next++;
        }
      }
      if (!in.toString(next, end - next, StandardCharsets.US_ASCII).equals("] nil]")) {
        tell(-1, in, at, end);
      }
    }

    private void tell(long number, ByteBuf in, int at, int end) {
      if (number < 0) {
        ear.wrong(in.toString(at, end - at, StandardCharsets.UTF_8));
      } else {
        ear.heard(number);
      }
    }

    @Override
    public void ask(Line line, long number) {
      line.send(ASK, number, client);
    }
  }
}
