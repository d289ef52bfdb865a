package dev.sente.wire;

import dev.sente.event.Event;
import dev.sente.event.EventIds;
import dev.sente.event.Keyword;
import dev.sente.packer.JoiningPacker;
import dev.sente.packer.PackedValue;
import dev.sente.packer.Packer;
import dev.sente.packer.UnpackException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** v2's frames, to and from packed form (PROTOCOL.md, "v2"). */
public final class StreamWire {

  private static final Keyword HANDSHAKE = Keyword.of("chsk/handshake");
  private static final Keyword ACK = Keyword.of("chsk/ack");
  private static final Keyword PING = Keyword.of("chsk/ping");
  private static final Keyword PONG = Keyword.of("chsk/pong");
  private static final Keyword TIMEOUT = Keyword.of("chsk/timeout");
  private static final Keyword CLOSE = Keyword.of("chsk/close");
  private static final Keyword REQUEST = Keyword.of("chsk/request");
  private static final Keyword REPLY = Keyword.of("chsk/reply");
  private static final Keyword ERROR = Keyword.of("chsk/error");

  /**
   * How many messages a frame may hold: more than go into what senders put into one, of 64 KiB, and
   * far fewer than would take a receiver much memory.
   */
  private static final int MAX_MESSAGES = 16 * 1024;

  private static final Outgoing.Joint BATCH = StreamWire::join;

  private StreamWire() {}

  // Messages, to be numbered and batched.

  /** A request: an event that waits for an answer. */
  public static Outgoing request(long number, Event event) {
    return request(number, event, Integer.MAX_VALUE);
  }

  /** A request whose frame may have so many bytes. */
  public static Outgoing request(long number, Event event, int maxBytes) {
    var told = List.of(number, Outgoing.event(event).value());
    return Outgoing.message(List.of(REQUEST, told), maxBytes);
  }

  /** The answer to a request. */
  public static Outgoing reply(long number, @Nullable Object value) {
    return reply(number, value, Integer.MAX_VALUE);
  }

  /** An answer whose frame may have so many bytes. */
  public static Outgoing reply(long number, @Nullable Object value, int maxBytes) {
    return Outgoing.message(List.of(REPLY, Arrays.asList(number, value)), maxBytes);
  }

  /** Tells that a request has no value for an answer. */
  public static Outgoing failure(long number, String code, @Nullable String message) {
    return failure(number, code, message, Integer.MAX_VALUE);
  }

  /** The same, in a frame that may have so many bytes. */
  public static Outgoing failure(long number, String code, @Nullable String message, int maxBytes) {
    var told = List.of(number, ClassicWire.error(code, message));
    return Outgoing.message(List.of(ERROR, told), maxBytes);
  }

  /**
   * What stands in the place of a message that a client's packer cannot pack (V17), since messages
   * are numbered by counting: the failure of the request that it answers, with a value or an error,
   * or of request 0, which nobody has made and nobody waits for.
   */
  public static Outgoing insteadOf(Outgoing message) {
    long answered =
        message.value() instanceof List<?> parts
                && (REPLY.equals(parts.getFirst()) || ERROR.equals(parts.getFirst()))
                && parts.get(1) instanceof List<?> told
                && told.getFirst() instanceof Long number
            ? number
            : 0;
    return failure(answered, "unpackable", null);
  }

  // Frames.

  /** A batch of messages, at least one. Not to be changed. */
  public static byte[] batch(Packer packer, List<Outgoing> messages) {
    return messages.getFirst().joinedWith(messages, packer, BATCH);
  }

  private static byte[] join(Packer packer, List<Outgoing> messages) {
    if (packer instanceof JoiningPacker joining) {
      var elements = new ArrayList<byte[]>(messages.size());
      for (var message : messages) {
        elements.add(message.packedBy(packer));
      }
      return joining.joinBatch(elements);
    }
    if (messages.size() == 1) {
      return messages.getFirst().packedBy(packer);
    }
    var values = new ArrayList<Object>(messages.size());
    for (var message : messages) {
      values.add(message.value());
    }
    return packer.pack(List.of(values));
  }

  /** The server's first frame. */
  public static byte[] handshake(
      Packer packer, @Nullable String uid, @Nullable Object data, SessionInfo info) {
    var told = new LinkedHashMap<Keyword, @Nullable Object>();
    told.put(Keyword.of("v"), 2L);
    told.put(Keyword.of("session"), info.session());
    told.put(Keyword.of("received"), info.received());
    told.put(Keyword.of("resumed"), info.resumed());
    told.put(Keyword.of("lost"), info.lost());
    told.put(Keyword.of("ping-ms"), info.pingMillis());
    told.put(Keyword.of("timeout-ms"), info.timeoutMillis());
    told.put(Keyword.of("max-message-bytes"), (long) info.maxMessageBytes());
    return packer.pack(List.of(List.of(HANDSHAKE, Arrays.asList(uid, null, data, told))));
  }

  /** Acknowledges this many messages. */
  public static byte[] ack(Packer packer, long received) {
    return packer.pack(List.of(List.of(ACK, received)));
  }

  /** Asks for a sign of life. */
  public static byte[] ping(Packer packer) {
    return packer.pack(List.of(List.of(PING)));
  }

  /** A sign of life. */
  public static byte[] pong(Packer packer) {
    return packer.pack(List.of(List.of(PONG)));
  }

  /** A poll's answer where there is nothing to say. */
  public static byte[] timeout(Packer packer) {
    return packer.pack(List.of(List.of(TIMEOUT)));
  }

  /** Tells why the connection is being closed. */
  public static byte[] close(Packer packer, Frame.Close close) {
    var told = new LinkedHashMap<Keyword, Object>();
    told.put(Keyword.of("code"), (long) close.code());
    told.put(Keyword.of("reason"), close.reason());
    told.put(Keyword.of("retry-ms"), close.retryMillis());
    return packer.pack(List.of(List.of(CLOSE, told)));
  }

  /**
   * Reads a frame.
   *
   * @throws UnpackException if it is none (V24)
   */
  public static Frame read(Packer packer, byte[] bytes) {
    var outer = packer.read(bytes).elements();
    if (outer.size() != 1) {
      throw new UnpackException("expected a frame: a vector of one");
    }
    var inner = outer.getFirst().elements();
    if (inner.isEmpty()) {
      throw new UnpackException("expected a frame, was empty");
    }
    if (inner.getFirst().isVector()) {
      if (inner.size() > MAX_MESSAGES) {
        throw new UnpackException("expected at most " + MAX_MESSAGES + " messages in a frame");
      }
      var messages = new ArrayList<Message>(inner.size());
      for (var element : inner) {
        messages.add(message(packer, element.elements()));
      }
      return new Frame.Batch(messages);
    }
    return control(id(packer, inner.getFirst()), inner);
  }

  private static Frame control(String id, List<PackedValue> parts) {
    return switch (id) {
      case "chsk/ack" -> new Frame.Ack(number(second(parts)));
      case "chsk/ping" -> new Frame.Ping();
      case "chsk/pong" -> new Frame.Pong();
      case "chsk/timeout" -> new Frame.Timeout();
      case "chsk/close" -> close(map(second(parts).value()));
      case "chsk/handshake" -> handshake(second(parts).elements());
      default -> throw new UnpackException("no such frame");
    };
  }

  private static Frame close(Map<?, ?> told) {
    return new Frame.Close(
        (int) integer(told, "code", 4000),
        field(told, "reason") instanceof String reason ? reason : "",
        integer(told, "retry-ms", 0));
  }

  private static Frame handshake(List<PackedValue> parts) {
    if (parts.size() != 4) {
      throw new UnpackException("expected a handshake of four");
    }
    var told = map(parts.get(3).value());
    if (!(field(told, "session") instanceof String session)) {
      throw new UnpackException("expected a session in the handshake");
    }
    var info =
        new SessionInfo(
            session,
            integer(told, "received", 0),
            Boolean.TRUE.equals(field(told, "resumed")),
            field(told, "lost") instanceof String lost ? lost : null,
            integer(told, "ping-ms", 0),
            integer(told, "timeout-ms", 0),
            (int) Math.min(Integer.MAX_VALUE, integer(told, "max-message-bytes", 0)));
    var uid = parts.getFirst().value() instanceof String string ? string : null;
    return new Frame.Handshake(uid, parts.get(2).value(), info);
  }

  private static Message message(Packer packer, List<PackedValue> parts) {
    if (parts.isEmpty() || parts.size() > 2) {
      throw new UnpackException("expected a message of one or two");
    }
    var id = id(packer, parts.getFirst());
    if (!EventIds.isProtocol(id)) {
      return new Message.EventMessage(id, data(parts));
    }
    var told = second(parts).elements();
    if (told.size() != 2) {
      throw new UnpackException("expected a number and a value");
    }
    long number = number(told.getFirst());
    return switch (id) {
      case "chsk/request" -> request(packer, number, told.get(1).elements());
      case "chsk/reply" -> new Message.Reply(number, told.get(1));
      case "chsk/error" -> failure(number, map(told.get(1).value()));
      default -> throw new UnpackException("no such message");
    };
  }

  private static Message request(Packer packer, long number, List<PackedValue> event) {
    if (event.isEmpty() || event.size() > 2) {
      throw new UnpackException("expected an event of one or two");
    }
    var id = id(packer, event.getFirst());
    if (EventIds.isProtocol(id)) {
      throw new UnpackException("no such request");
    }
    return new Message.Request(number, id, data(event));
  }

  private static Message failure(long number, Map<?, ?> told) {
    return new Message.Failure(
        number,
        field(told, "code") instanceof String code ? code : "error",
        field(told, "message") instanceof String message ? message : null);
  }

  private static PackedValue data(List<PackedValue> parts) {
    return parts.size() == 2 ? parts.get(1) : PackedValue.of(null);
  }

  private static PackedValue second(List<PackedValue> parts) {
    if (parts.size() != 2) {
      throw new UnpackException("expected two elements");
    }
    return parts.get(1);
  }

  private static long number(PackedValue packed) {
    if (packed.isScalar() && packed.value() instanceof Long number && number >= 0) {
      return number;
    }
    throw new UnpackException("expected a count");
  }

  private static String id(Packer packer, PackedValue packed) {
    if (packed.isScalar()) {
      var value = packed.value();
      var name =
          value instanceof Keyword keyword
              ? keyword.name()
              : value instanceof String string && !packer.hasKeywords() ? string : "";
      if (EventIds.isValid(name)) {
        return name;
      }
    }
    throw new UnpackException("expected an id");
  }

  private static Map<?, ?> map(@Nullable Object value) {
    if (value instanceof Map<?, ?> map) {
      return map;
    }
    throw new UnpackException("expected a map");
  }

  private static @Nullable Object field(Map<?, ?> map, String name) {
    var byKeyword = map.get(Keyword.of(name));
    return byKeyword == null ? map.get(name) : byKeyword;
  }

  private static long integer(Map<?, ?> map, String name, long otherwise) {
    return field(map, name) instanceof Long number ? number : otherwise;
  }
}
