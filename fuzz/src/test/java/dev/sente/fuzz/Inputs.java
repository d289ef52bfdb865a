package dev.sente.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import dev.sente.event.Event;
import dev.sente.packer.PackException;
import dev.sente.packer.Packer;
import dev.sente.packer.edn.EdnPacker;
import dev.sente.packer.gzip.GzipPacker;
import dev.sente.wire.ClassicWire;
import dev.sente.wire.Frame;
import dev.sente.wire.Outgoing;
import dev.sente.wire.SessionInfo;
import dev.sente.wire.StreamWire;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Inputs to start from: the wire fixtures, our own frames, and what was found before. */
final class Inputs {

  private static final Path ROOT = Path.of(requireNonNull(System.getProperty("sente.root")));

  /** What was found before, and mended. */
  private static final Path FOUND = ROOT.resolve("fuzz/src/test/resources/found");

  private static final String REQUEST =
      """
      client-id=a&packer=edn&csrf-token=t&a+b=c%26&&=x&y
      ppstr=%5B%3Aa/b%5D&client-id=b
      u=1; a="b"
      a.b:443
      https://a.b:443
      sente.v2, sente.csrf.dA, sente.auth.dA, sente.session.x
      https://a.b/c
      x-csrf-token
      """;

  private Inputs() {}

  /** Inputs of a target by name. */
  static Map<String, byte[]> of(Target target) {
    var inputs = new LinkedHashMap<String, byte[]>();
    var packer = target.packer();
    if (packer == null) {
      inputs.put("request", REQUEST.getBytes(UTF_8));
    } else if (target.name().startsWith("wire-")) {
      frames(packer, inputs);
    } else {
      fixtures(packer, inputs);
      samples(packer, inputs);
    }
    inputs.putAll(in(FOUND.resolve(target.name())));
    return inputs;
  }

  private static void frames(Packer packer, Map<String, byte[]> inputs) {
    var event = Event.of("a/b", Map.of("s", "text"));
    inputs.put("ack", StreamWire.ack(packer, 7));
    inputs.put("ping", StreamWire.ping(packer));
    inputs.put("close", StreamWire.close(packer, new Frame.Close(4000, "why", 5)));
    var info = new SessionInfo("token", 3, true, null, 1, 2, 1 << 20);
    inputs.put("handshake", StreamWire.handshake(packer, "uid", 1L, info));
    inputs.put(
        "batch",
        StreamWire.batch(
            packer,
            List.of(
                Outgoing.event(event),
                StreamWire.request(1, event),
                StreamWire.reply(2, "x"),
                StreamWire.failure(3, "code", "message"))));
    inputs.put("classic-batch", ClassicWire.batch(packer, List.of(Outgoing.event(event))));
    inputs.put("classic-event", packer.pack(List.of(Outgoing.event(event).value(), "callback")));
    inputs.put("classic-ping", ClassicWire.ping(packer));
  }

  private static void samples(Packer packer, Map<String, byte[]> inputs) {
    inputs.put("sample", packer.pack(Sample.example()));
    inputs.put("samples", packer.pack(List.of(Sample.example(), Map.of("s", "x", "i", "y"))));
  }

  /** The golden payloads of the format, and all values of edn's packed in it. */
  private static void fixtures(Packer packer, Map<String, byte[]> inputs) {
    var format = packer.name().replace("+gzip", "");
    boolean isZipped = packer instanceof GzipPacker;
    int number = 0;
    for (var section : json(ROOT.resolve("wire-fixtures/" + format + ".json"))) {
      for (var row : section) {
        byte[] bytes = bytes(row);
        if (bytes != null) {
          inputs.put("fixture-" + number++, isZipped ? raw(bytes) : bytes);
        }
        if (isZipped && row.path("value").isString()) {
          pack(packer, row.path("value").asString(), inputs);
        }
      }
    }
  }

  private static void pack(Packer packer, String edn, Map<String, byte[]> inputs) {
    try {
      var value = EdnPacker.DEFAULT.unpack(edn.getBytes(UTF_8));
      inputs.put("packed-" + inputs.size(), packer.pack(Arrays.asList(value, "x".repeat(1024))));
    } catch (PackException e) {
      // Then another format has no such value.
    }
  }

  private static byte[] raw(byte[] bytes) {
    var wrapped = new byte[bytes.length + 1];
    System.arraycopy(bytes, 0, wrapped, 1, bytes.length);
    return wrapped;
  }

  private static byte @Nullable [] bytes(JsonNode row) {
    if (row.path("hex").isString()) {
      return HexFormat.of().parseHex(row.path("hex").asString());
    }
    return row.path("text").isString() ? row.path("text").asString().getBytes(UTF_8) : null;
  }

  private static JsonNode json(Path file) {
    return JsonMapper.shared().readTree(file);
  }

  /** The files of a folder, by name; none where there is no such folder. */
  static Map<String, byte[]> in(Path folder) {
    var inputs = new TreeMap<String, byte[]>();
    if (Files.isDirectory(folder)) {
      try (var files = Files.newDirectoryStream(folder, Files::isRegularFile)) {
        for (var file : files) {
          inputs.put(file.getFileName().toString(), Files.readAllBytes(file));
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return inputs;
  }
}
