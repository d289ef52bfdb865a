package dev.sente.benchmarks.load;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/**
 * Socket.IO's protocol 5 over Engine.IO's 4, by WebSocket from the start. A client's request wants
 * an acknowledgement, which brings the reply.
 */
public final class SocketIoDialect implements Dialect {

  private static final Shape ASK = Shape.of("42#[\"echo\"," + Note.json(Note.ECHO) + "]");
  private static final Shape REPLY = Shape.of("43#[" + Note.json(Note.ECHO) + "]");
  private static final Shape NEWS = Shape.of("42[\"news\"," + Note.json(Note.NEWS) + "]");
  private static final Shape POST = Shape.of("42[\"post\"," + Note.json(Note.POST) + "]");

  @Override
  public Talk talk(int client, Talk.Ear ear) {
    return new SocketIoTalk(client, ear);
  }

  private record SocketIoTalk(int client, Ear ear) implements Talk {

    @Override
    public String target() {
      return "/socket.io/?EIO=4&transport=websocket&user=" + Shape.name(client);
    }

    @Override
    public void opened(Line line) {}

    @Override
    public void message(Line line, ByteBuf in, int at, int end) {
      // Engine.IO's type: open, ping, message; and Socket.IO's: connect, event, acknowledgement.
      char type = (char) in.getByte(at);
      char kind = end - at > 1 ? (char) in.getByte(at + 1) : ' ';
      if (type == '4' && (kind == '2' || kind == '3')) {
        hear(in, at, end, kind == '3');
      } else if (type == '4' && kind == '0') {
        ear.ready();
      } else if (type == '0') {
        line.send("40{\"user\":\"" + Shape.name(client) + "\"}");
      } else if (type == '2') {
        line.send("3");
      } else {
        wrong(in, at, end);
      }
    }

    private void hear(ByteBuf in, int at, int end, boolean isReply) {
      // 42["news" and 42["post"
      Shape shape = isReply ? REPLY : in.getByte(at + 4) == 'n' ? NEWS : POST;
      long number =
          end - at == shape.length()
              ? shape.read(in, at, end, shape == NEWS ? Shape.EVERYONE : client)
              : -1;
      if (number < 0) {
        wrong(in, at, end);
      } else {
        ear.heard(number);
      }
    }

    private void wrong(ByteBuf in, int at, int end) {
      ear.wrong(in.toString(at, end - at, StandardCharsets.UTF_8));
    }

    @Override
    public void ask(Line line, long number) {
      line.send(ASK, number, client);
    }
  }
}
