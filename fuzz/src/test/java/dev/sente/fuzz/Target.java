package dev.sente.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sente.packer.PackedValue;
import dev.sente.packer.Packer;
import dev.sente.packer.UnpackException;
import dev.sente.packer.edn.EdnPacker;
import dev.sente.packer.gzip.GzipPacker;
import dev.sente.packer.json.JsonPacker;
import dev.sente.packer.msgpack.MsgpackPacker;
import dev.sente.packer.transit.TransitPacker;
import dev.sente.wire.ClassicMessage;
import dev.sente.wire.ClassicWire;
import dev.sente.wire.Frame;
import dev.sente.wire.Message;
import dev.sente.wire.StreamWire;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Something that reads bytes of strangers, and the ways in which it does.
 *
 * @param name as in the folders of inputs
 * @param packer whose bytes are read; null for none
 * @param reads each way to read; what one throws is no matter to the next
 */
record Target(String name, @Nullable Packer packer, List<Consumer<byte[]>> reads) {

  /** What binding is tried with, at the top and in elements. */
  private static final List<Class<?>> CLASSES =
      List.of(
          Sample.class,
          Sample[].class,
          BigInteger[].class,
          BigDecimal.class,
          Instant[].class,
          long.class,
          String.class);

  /** Small, so that a fuzzer can reach it. */
  static final int MAX_UNPACKED_BYTES = 16 << 10;

  static final List<Target> ALL = all();

  private static List<Target> all() {
    var targets = new ArrayList<Target>();
    var packers =
        List.of(
            EdnPacker.DEFAULT, JsonPacker.DEFAULT, MsgpackPacker.DEFAULT, TransitPacker.DEFAULT);
    for (var packer : packers) {
      targets.add(new Target(packer.name(), packer, reads(packer)));
    }
    for (var packer : packers) {
      targets.add(new Target("wire-" + packer.name(), packer, wireReads(packer)));
    }
    for (var packer : packers) {
      var zipped = GzipPacker.of(packer, MAX_UNPACKED_BYTES);
      targets.add(new Target(zipped.name(), zipped, gzipReads(zipped)));
    }
    targets.add(new Target("gate", null, List.of(GateReading::read)));
    return List.copyOf(targets);
  }

  static Target of(String name) {
    return ALL.stream().filter(target -> target.name.equals(name)).findFirst().orElseThrow();
  }

  private static List<Consumer<byte[]>> reads(Packer packer) {
    var reads = new ArrayList<Consumer<byte[]>>();
    reads.add(packer::unpack);
    reads.add(bytes -> takeApart(packer.read(bytes)));
    for (var type : CLASSES) {
      reads.add(bytes -> packer.read(bytes).as(type));
    }
    return reads;
  }

  private static void takeApart(PackedValue value) {
    if (value.isVector()) {
      value.elements().forEach(Target::takeApart);
    } else {
      value.value();
    }
  }

  private static List<Consumer<byte[]>> wireReads(Packer packer) {
    return List.of(
        bytes -> {
          switch (ClassicWire.read(packer, bytes)) {
            case ClassicMessage.ClientEvent event -> event.data().as(Sample.class);
            case ClassicMessage.BadEvent event -> event.given().value();
            case ClassicMessage.Ping ping -> {}
            case ClassicMessage.Pong pong -> {}
          }
        },
        bytes -> {
          if (StreamWire.read(packer, bytes) instanceof Frame.Batch batch) {
            for (var message : batch.messages()) {
              readData(message);
            }
          }
        });
  }

  private static void readData(Message message) {
    switch (message) {
      case Message.EventMessage event -> event.data().as(Sample.class);
      case Message.Request request -> request.data().value();
      case Message.Reply reply -> reply.value().value();
      case Message.Failure failure -> {}
    }
  }

  /** As given, and as a fuzzer would have to compress it, which none finds out. */
  private static List<Consumer<byte[]>> gzipReads(Packer packer) {
    return List.of(
        packer::unpack,
        bytes -> takeApart(packer.read(bytes)),
        bytes -> packer.unpack(gzip(bytes)));
  }

  private static byte[] gzip(byte[] raw) {
    var bytes = new ByteArrayOutputStream();
    bytes.write(1);
    try (var gzip = new GZIPOutputStream(bytes)) {
      gzip.write(raw);
    } catch (IOException e) {
      throw new UncheckedIOException("memory does not fail", e);
    }
    return bytes.toByteArray();
  }

  /** How many bytes a reader has to do with: what an input is once decompressed. */
  int size(byte[] input) {
    if (packer instanceof GzipPacker) {
      try {
        return Math.max(input.length, GzipPacker.unwrap(input, MAX_UNPACKED_BYTES).length);
      } catch (UnpackException e) {
        return MAX_UNPACKED_BYTES;
      }
    }
    return input.length;
  }

  @Override
  public String toString() {
    return name;
  }

  /** The input's text, for a report. */
  static String show(byte[] input) {
    return new String(Arrays.copyOf(input, Math.min(input.length, 300)), UTF_8);
  }
}
