package dev.sente.testkit;

import dev.sente.server.channel.ChannelEngine;
import dev.sente.testkit.InMemoryChannels.InMemoryAnswer;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The kit's client on in-memory channels: stands for HTTP's and WebSocket's framing, too. */
final class InMemoryClient implements RawClient {

  private final InMemoryChannels channels;
  private final ChannelEngine engine;
  private final FakeTime time;
  private final ArrayDeque<Frame> frames = new ArrayDeque<>();
  private final ByteArrayOutputStream message = new ByteArrayOutputStream();
  private boolean binary;

  /** The latest request; null before, and for one that is not the engine's. */
  private @Nullable InMemoryAnswer latest;

  private boolean askedToEnd;
  private boolean closeTaken;

  InMemoryClient(InMemoryChannels channels, ChannelEngine engine, FakeTime time) {
    this.channels = channels;
    this.engine = engine;
    this.time = time;
  }

  @Override
  public void send(String method, String target, byte[] body, String... headers) {
    int query = target.indexOf('?');
    var path = query < 0 ? target : target.substring(0, query);
    askedToEnd = String.join(":", headers).endsWith("Connection:close");
    latest =
        path.equals(engine.path())
            ? channels.http(method, query < 0 ? null : target.substring(query + 1), body, headers)
            : null;
  }

  @Override
  public Answer answer() {
    time.settle();
    if (latest == null) {
      return new Answer(404, Map.of(), new byte[0]);
    }
    var headers = new HashMap<String, String>();
    if (latest.isSocket()) {
      var selected = latest.socket().subprotocol();
      if (selected != null) {
        headers.put("sec-websocket-protocol", selected);
      }
      return new Answer(101, headers, new byte[0]);
    }
    latest.response().headers().forEach((k, v) -> headers.put(k.toLowerCase(Locale.ROOT), v));
    return new Answer(latest.status(), headers, latest.response().body());
  }

  private InMemorySocket socket() {
    if (latest == null) {
      throw new AssertionError("no request was sent");
    }
    return latest.socket();
  }

  @Override
  public void sendFrame(int first, byte... payload) {
    switch (first & 0x0F) {
      case 0, 1, 2 -> {
        if ((first & 0x0F) != 0) {
          binary = (first & 0x0F) == 2;
        }
        message.writeBytes(payload);
        if ((first & 0x80) != 0) {
          var whole = message.toByteArray();
          message.reset();
          socket().sendBytes(whole, binary);
        }
      }
      case 8 -> {
        if (socket().isOpen()) {
          frames.add(new Frame(CLOSE, payload));
          closeTaken = true;
          socket().closeByClient(new Frame(CLOSE, payload).closeCode());
        }
      }
      case 9 -> frames.add(new Frame(PONG, payload));
      default -> throw new IllegalArgumentException("no frame begins with " + first);
    }
  }

  @Override
  public Frame frame() {
    time.settle();
    for (var bytes : socket().messages()) {
      frames.add(new Frame(TEXT, bytes));
    }
    if (!socket().isOpen() && !closeTaken) {
      closeTaken = true;
      var reason = socket().closeReason().getBytes(StandardCharsets.UTF_8);
      var payload = ByteBuffer.allocate(2 + reason.length);
      payload.putShort((short) socket().closeCode()).put(reason);
      frames.add(new Frame(CLOSE, payload.array()));
    }
    var next = frames.poll();
    if (next == null) {
      throw new AssertionError("no frame has come");
    }
    return next;
  }

  @Override
  public void stall(boolean now) {
    socket().stall(now);
  }

  @Override
  public boolean isEnded() {
    time.settle();
    return latest != null
        && (latest.isSocket() ? !latest.socket().isOpen() : askedToEnd || latest.status() == 413);
  }

  @Override
  public void reset() {
    leave();
  }

  @Override
  public void leave() {
    if (latest != null) {
      if (latest.isSocket()) {
        latest.socket().cut();
      } else {
        latest.abort();
      }
    }
  }
}
