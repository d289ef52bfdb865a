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
record Target(String name, @Nullable Packer packer, List<Read> reads) {

  /**
   * A way to read.
   *
   * @param isFrugal whether the memory that it takes is little for each byte. It is not where
   *     objects of the application's are made, which are as large as their class is; nor where keys
   *     may be maps and sets, each of which is looked through for all that it is in
   */
  record Read(boolean isFrugal, Consumer<byte[]> way) {

    /** How much it may allocate for so many bytes. */
    long mayAllocate(int size) {
      // What is densest in JSON, empty objects each read by itself, takes about 330.
      // Where keys are looked through, as KeyBudget lets them be, hashing makes 40 bytes of garbage
      // for what may be a byte or two, a hundred times.
      return isFrugal ? (64 << 10) + 512L * size : 4096L * Math.max(256, size);
    }
  }

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
    targets.add(new Target("gate", null, List.of(new Read(true, GateReading::read))));
    return List.copyOf(targets);
  }

  static Target of(String name) {
    return ALL.stream().filter(target -> target.name.equals(name)).findFirst().orElseThrow();
  }

  private static List<Read> reads(Packer packer) {
    boolean isFrugal = isFrugal(packer);
    var reads = new ArrayList<Read>();
    reads.add(new Read(isFrugal, packer::unpack));
    reads.add(new Read(isFrugal, bytes -> takeApart(packer.read(bytes))));
    for (var type : CLASSES) {
      reads.add(new Read(false, bytes -> packer.read(bytes).as(type)));
    }
    return reads;
  }

  /** Whether all keys are texts. */
  private static boolean isFrugal(Packer packer) {
    return packer.name().startsWith("json");
  }

  private static void takeApart(PackedValue value) {
    if (value.isVector()) {
      value.elements().forEach(Target::takeApart);
    } else {
      value.value();
    }
  }

  private static List<Read> wireReads(Packer packer) {
    return List.of(
        new Read(isFrugal(packer), bytes -> readClassic(packer, bytes, PackedValue::value)),
        new Read(false, bytes -> readClassic(packer, bytes, data -> data.as(Sample.class))),
        new Read(isFrugal(packer), bytes -> readStream(packer, bytes, PackedValue::value)),
        new Read(false, bytes -> readStream(packer, bytes, data -> data.as(Sample.class))));
  }

  private static void readClassic(Packer packer, byte[] bytes, Consumer<PackedValue> reader) {
    switch (ClassicWire.read(packer, bytes)) {
      case ClassicMessage.ClientEvent event -> reader.accept(event.data());
      case ClassicMessage.BadEvent event -> event.given().value();
      case ClassicMessage.Ping ping -> {}
      case ClassicMessage.Pong pong -> {}
    }
  }

  private static void readStream(Packer packer, byte[] bytes, Consumer<PackedValue> reader) {
    if (StreamWire.read(packer, bytes) instanceof Frame.Batch batch) {
      for (var message : batch.messages()) {
        switch (message) {
          case Message.EventMessage event -> reader.accept(event.data());
          case Message.Request request -> reader.accept(request.data());
          case Message.Reply reply -> reader.accept(reply.value());
          case Message.Failure failure -> {}
        }
      }
    }
  }

  /** As given, and as a fuzzer would have to compress it, which none finds out. */
  private static List<Read> gzipReads(Packer packer) {
    boolean isFrugal = isFrugal(packer);
    return List.of(
        new Read(isFrugal, packer::unpack),
        new Read(isFrugal, bytes -> takeApart(packer.read(bytes))),
        new Read(isFrugal, bytes -> packer.unpack(gzip(bytes))));
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
