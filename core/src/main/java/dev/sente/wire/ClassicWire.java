package dev.sente.wire;

import dev.sente.event.EventIds;
import dev.sente.event.Keyword;
import dev.sente.packer.JoiningPacker;
import dev.sente.packer.PackedValue;
import dev.sente.packer.Packer;
import dev.sente.packer.UnpackException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Classic mode's messages, to and from packed form (PROTOCOL.md, "Classic mode"). */
public final class ClassicWire {

  private static final Keyword HANDSHAKE = Keyword.of("chsk/handshake");
  private static final Keyword NIL_UID = Keyword.of("sente/nil-uid");
  private static final Keyword PING = Keyword.of("chsk/ws-ping");
  private static final Keyword TIMEOUT = Keyword.of("chsk/timeout");
  private static final Keyword CODE = Keyword.of("code");
  private static final Keyword MESSAGE = Keyword.of("message");
  private static final Keyword NO_CALLBACK = Keyword.of("chsk/dummy-cb-200");

  /** The longest callback, in characters: it comes back with the answer, which must have room. */
  private static final int MAX_CALLBACK_LENGTH = 256;

  private static final Outgoing.Joint BATCH = ClassicWire::join;

  private ClassicWire() {}

  /** The server's first message: {@code [[:chsk/handshake [uid nil data]] nil]}. */
  public static byte[] handshake(Packer packer, @Nullable String uid, @Nullable Object data) {
    var told = Arrays.asList(uid == null ? NIL_UID : uid, null, data);
    return packer.pack(Arrays.asList(List.of(HANDSHAKE, told), null));
  }

  /** A batch of events, at least one: {@code [[event …] nil]}. Not to be changed. */
  public static byte[] batch(Packer packer, List<Outgoing> events) {
    return events.getFirst().joinedWith(events, packer, BATCH);
  }

  private static byte[] join(Packer packer, List<Outgoing> events) {
    if (packer instanceof JoiningPacker joining) {
      var elements = new ArrayList<byte[]>(events.size());
      for (var event : events) {
        elements.add(event.packedBy(packer));
      }
      return joining.finish(
          joining.joinElements(List.of(joining.joinElements(elements), joining.packElement(null))));
    }
    var values = new ArrayList<Object>(events.size());
    for (var event : events) {
      values.add(event.value());
    }
    return packer.pack(Arrays.asList(values, null));
  }

  /**
   * An answer of at most so many bytes: {@code [value callback]}; over long-polling the callback is
   * nil.
   */
  public static Outgoing reply(@Nullable Object value, @Nullable Object callback, int maxBytes) {
    return Outgoing.value(Arrays.asList(value, callback), maxBytes);
  }

  /** An answer that says that there will be no value: {@code {:code … :message …}}. */
  public static Map<Keyword, Object> error(String code, @Nullable String message) {
    var told = new LinkedHashMap<Keyword, Object>();
    told.put(CODE, code);
    if (message != null) {
      told.put(MESSAGE, message);
    }
    return told;
  }

  /** The server's keep-alive: {@code [:chsk/ws-ping nil]}. */
  public static byte[] ping(Packer packer) {
    return packer.pack(Arrays.asList(PING, null));
  }

  /** What a poll is answered when there was nothing to say, and a request without an answer. */
  public static byte[] timeout(Packer packer) {
    return packer.pack(Arrays.asList(TIMEOUT, null));
  }

  /** What a POST is answered that asked for no answer. */
  public static byte[] noCallback(Packer packer) {
    return packer.pack(Arrays.asList(NO_CALLBACK, null));
  }

  /**
   * Reads what a client sent.
   *
   * @throws UnpackException if it is not a vector of one or two elements in the packer's format, or
   *     its callback holds other values or is too long
   */
  public static ClassicMessage read(Packer packer, byte[] message) {
    var outer = packer.read(message).elements();
    if (outer.isEmpty() || outer.size() > 2) {
      throw new UnpackException("expected [event callback]");
    }
    var callback = outer.size() == 2 ? callback(outer.get(1)) : null;
    var event = outer.getFirst();
    if (!event.isVector()) {
      return new ClassicMessage.BadEvent(event, callback);
    }
    var parts = event.elements();
    if (parts.isEmpty() || parts.size() > 2) {
      return new ClassicMessage.BadEvent(event, callback);
    }
    var id = eventId(packer, parts.getFirst());
    if (id == null) {
      return new ClassicMessage.BadEvent(event, callback);
    }
    if (EventIds.isProtocol(id)) {
      if (parts.size() == 1 && id.equals("chsk/ws-ping")) {
        return new ClassicMessage.Ping(callback);
      }
      if (parts.size() == 1 && id.equals("chsk/ws-pong")) {
        return new ClassicMessage.Pong(callback);
      }
      return new ClassicMessage.BadEvent(event, callback);
    }
    var data = parts.size() == 2 ? parts.get(1) : PackedValue.of(null);
    return new ClassicMessage.ClientEvent(id, data, callback);
  }

  private static @Nullable Object callback(PackedValue packed) {
    if (!packed.isScalar()) {
      throw new UnpackException("expected a callback without parts");
    }
    var value = packed.value();
    if (isLong(value)) {
      throw new UnpackException(
          "expected a callback of at most " + MAX_CALLBACK_LENGTH + " characters");
    }
    return Boolean.FALSE.equals(value) ? null : value;
  }

  private static boolean isLong(@Nullable Object value) {
    return switch (value) {
      case null -> false;
      case byte[] bytes -> bytes.length > MAX_CALLBACK_LENGTH;
      // Not told by its text: to write a long one takes long.
      case BigInteger number -> number.bitLength() > 3 * MAX_CALLBACK_LENGTH;
      case BigDecimal number ->
          number.unscaledValue().bitLength() > 3 * MAX_CALLBACK_LENGTH
              || Math.abs((long) number.scale()) > MAX_CALLBACK_LENGTH;
      default -> value.toString().length() > MAX_CALLBACK_LENGTH;
    };
  }

  /** The id, where the value is one: a keyword, or a string in a format without keywords. */
  private static @Nullable String eventId(Packer packer, PackedValue packed) {
    if (!packed.isScalar()) {
      return null;
    }
    var name =
        switch (packed.value()) {
          case Keyword keyword -> keyword.name();
          case String string when !packer.hasKeywords() -> string;
          case null, default -> null;
        };
    return name != null && EventIds.isValid(name) ? name : null;
  }
}
