package dev.sente.client.session;

import dev.sente.event.Keyword;
import dev.sente.packer.PackedValue;
import dev.sente.packer.Packer;
import dev.sente.packer.UnpackException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a server says in classic mode (K4, K8, K10, K18). */
sealed interface ClassicFrame {

  /** {@code [[:chsk/handshake [uid nil data]] nil]}. */
  record Handshake(@Nullable String uid, @Nullable Object data) implements ClassicFrame {}

  /** {@code [[event …] nil]}, each still to be looked at: one that is none spoils no other. */
  record Batch(List<PackedValue> events) implements ClassicFrame {}

  /** {@code [value callback]}. */
  record Reply(String callback, PackedValue value) implements ClassicFrame {}

  /** {@code [:chsk/ws-ping nil]}. */
  record Ping() implements ClassicFrame {}

  /** {@code [:chsk/timeout nil]}: a poll's time is up. */
  record Timeout() implements ClassicFrame {}

  /**
   * Reads what came by a WebSocket or in answer to a poll.
   *
   * @throws UnpackException if it is none of these
   */
  static ClassicFrame read(Packer packer, byte[] bytes) {
    var outer = outer(packer, bytes);
    var message = outer.getFirst();
    if (outer.size() == 2 && outer.get(1).value() instanceof String callback) {
      return new Reply(callback, message);
    }
    if (!message.isVector()) {
      return switch (nameOf(packer, message.value())) {
        case "chsk/ws-ping" -> new Ping();
        case "chsk/timeout" -> new Timeout();
        case null, default -> throw new UnpackException("no such frame");
      };
    }
    var parts = message.elements();
    if (parts.isEmpty() || parts.getFirst().isVector()) {
      return new Batch(parts);
    }
    if (parts.size() == 2 && "chsk/handshake".equals(nameOf(packer, parts.getFirst().value()))) {
      var details = parts.get(1).elements();
      var uid = details.isEmpty() ? null : details.getFirst().value();
      boolean isNobody = uid == null || "sente/nil-uid".equals(nameOf(packer, uid));
      // A Clojure server's uid may be any value.
      return new Handshake(
          isNobody ? null : String.valueOf(uid),
          details.size() > 2 ? details.get(2).value() : null);
    }
    throw new UnpackException("no such frame");
  }

  /** The vector of one or two that every frame is. */
  static List<PackedValue> outer(Packer packer, byte[] bytes) {
    var outer = packer.read(bytes).elements();
    if (outer.isEmpty() || outer.size() > 2) {
      throw new UnpackException("expected a vector of one or two");
    }
    return outer;
  }

  /** The name of a keyword, or of a string where there are no keywords; null for anything else. */
  static @Nullable String nameOf(Packer packer, @Nullable Object value) {
    return switch (value) {
      case Keyword keyword -> keyword.name();
      case String string when !packer.hasKeywords() -> string;
      case null, default -> null;
    };
  }
}
