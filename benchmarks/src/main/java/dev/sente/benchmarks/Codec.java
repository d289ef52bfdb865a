package dev.sente.benchmarks;

import dev.sente.event.Keyword;
import dev.sente.packer.Packer;
import dev.sente.packer.edn.EdnPacker;
import dev.sente.packer.json.JsonPacker;
import dev.sente.packer.msgpack.MsgpackPacker;
import dev.sente.packer.transit.TransitPacker;
import java.util.function.Function;

/** One payload to bytes and back, by one way to do it. */
public interface Codec {

  /** Makes the bytes. */
  byte[] encode();

  /** Reads bytes that {@link #encode} made. */
  Object decode(byte[] bytes);

  /** What decoding should give. */
  Object expected();

  /**
   * A way by its name.
   *
   * @param name a packer's, or a library's
   * @param asRecord whether the payload is records; plain values otherwise
   */
  static Codec of(String name, Payload payload, boolean asRecord) {
    return switch (name) {
      case "json" -> sente(JsonPacker.DEFAULT, payload, asRecord, key -> key);
      case "edn" -> sente(EdnPacker.DEFAULT, payload, asRecord, Keyword::of);
      case "msgpack" -> sente(MsgpackPacker.DEFAULT, payload, asRecord, Keyword::of);
      case "transit" -> sente(TransitPacker.DEFAULT, payload, asRecord, Keyword::of);
      case "jackson" -> asRecord ? new JacksonRecords(payload) : new JacksonValues(payload);
      case "clojure" -> new ClojureEdn(payload);
      case "msgpack-core" -> new MsgpackCore(payload);
      case "transit-java" -> new TransitJava(payload);
      default -> throw new IllegalArgumentException("expected a packer or library, was " + name);
    };
  }

  private static Codec sente(
      Packer packer, Payload payload, boolean asRecord, Function<String, ?> key) {
    return asRecord ? new SenteRecords(packer, payload) : new SenteValues(packer, payload, key);
  }
}
