import static java.nio.charset.StandardCharsets.UTF_8;

import dev.sente.event.Keyword;
import dev.sente.event.Ratio;
import dev.sente.event.Symbol;
import dev.sente.event.TaggedValue;
import dev.sente.packer.PackException;
import dev.sente.packer.Packer;
import dev.sente.packer.edn.EdnPacker;
import dev.sente.packer.gzip.GzipPacker;
import dev.sente.packer.json.JsonPacker;
import dev.sente.packer.msgpack.MsgpackPacker;
import dev.sente.packer.transit.TransitPacker;
import dev.sente.wire.Frame;
import dev.sente.wire.Message;
import dev.sente.wire.StreamWire;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;

/**
 * The Java side of {@code crossCheck.test.ts}: packs values made from a seed, tells whether bytes
 * unpack to them or are a frame, and packs again, by the same packer or another, what bytes unpack to. Requests come by the standard input, as a
 * command, the packer's name, a seed, and bytes; answers go to the standard output, as whether all
 * went well, and bytes or what went wrong.
 */
final class CrossCheck {

  public static void main(String... args) throws IOException {
    var in = new DataInputStream(System.in);
    var out = new DataOutputStream(new BufferedOutputStream(System.out));
    while (true) {
      char command;
      try {
        command = (char) in.readUnsignedByte();
      } catch (EOFException e) {
        return;
      }
      var name = in.readUTF();
      long seed = in.readInt();
      var bytes = in.readNBytes(in.readInt());
      boolean isWell = true;
      byte[] answer;
      try {
        answer = answer(command, name, seed, bytes);
      } catch (RuntimeException e) {
        isWell = false;
        answer = String.valueOf(e.getMessage()).getBytes(UTF_8);
      }
      out.writeByte(isWell ? 1 : 0);
      out.writeInt(answer.length);
      out.write(answer);
      out.flush();
    }
  }

  private static byte[] answer(char command, String name, long seed, byte[] bytes) {
    if (command == 'r') {
      int arrow = name.indexOf('>');
      return relayed(packer(name.substring(0, arrow)), packer(name.substring(arrow + 1)), bytes);
    }
    var packer = packer(name);
    switch (command) {
      case 'p' -> {
        return packer.pack(new CrossCheck(name, seed).value(0));
      }
      case 'c' -> {
        var expected = new CrossCheck(name, seed).value(0);
        var actual = packer.unpack(bytes);
        if (!expected.equals(actual)) {
          throw new IllegalStateException("expected " + expected + ", was " + actual);
        }
        return new byte[0];
      }
      case 'f' -> {
        var batch = (Frame.Batch) StreamWire.read(packer, bytes);
        for (var message : batch.messages()) {
          ((Message.EventMessage) message).data().value();
        }
        return new byte[0];
      }
      default -> {
        return packer.pack(packer.unpack(bytes));
      }
    }
  }

  /** What a server that passes on what it got makes of bytes; none if the other packer refuses. */
  private static byte[] relayed(Packer from, Packer to, byte[] bytes) {
    var value = from.unpack(bytes);
    byte[] packed;
    try {
      packed = to.pack(value);
    } catch (PackException e) {
      return new byte[0];
    }
    to.unpack(packed);
    return packed;
  }

  private static Packer packer(String name) {
    if (name.endsWith("+gzip")) {
      return GzipPacker.of(packer(name.substring(0, name.length() - "+gzip".length())));
    }
    return switch (name) {
      case "edn" -> EdnPacker.DEFAULT;
      case "json" -> JsonPacker.DEFAULT;
      case "msgpack" -> MsgpackPacker.DEFAULT;
      case "transit" -> TransitPacker.DEFAULT;
      default -> throw new IllegalArgumentException("no packer " + name);
    };
  }

  private static final String LETTERS =
      "abcxyzABC019 -_/:.\"\\\n\té日\uD83D\uDE00\0\u007f\u2028";

  private final Random random;
  private final boolean isJson;
  private final boolean isTransit;
  private final boolean isMsgpack;

  private CrossCheck(String name, long seed) {
    this.random = new Random(seed);
    this.isJson = name.startsWith("json");
    this.isTransit = name.startsWith("transit");
    this.isMsgpack = name.startsWith("msgpack");
  }

  /** Collections on the outside, so that most values have some size. */
  private Object value(int depth) {
    if (depth == 0 || (depth < 4 && random.nextInt(3) == 0)) {
      return switch (random.nextInt(isJson ? 2 : 4)) {
        case 0 -> list(depth);
        case 1 -> map(depth, true);
        case 2 -> map(depth, false);
        default -> new LinkedHashSet<>(list(depth));
      };
    }
    return scalar();
  }

  private List<Object> list(int depth) {
    var list = new ArrayList<>();
    for (int i = random.nextInt(depth == 0 ? 30 : 6); i > 0; i--) {
      list.add(value(depth + 1));
    }
    return list;
  }

  private Map<Object, Object> map(int depth, boolean hasStrings) {
    var map = new LinkedHashMap<>();
    for (int i = random.nextInt(depth == 0 ? 30 : 6); i > 0; i--) {
      map.put(hasStrings ? text() : random.nextBoolean() ? keyword() : scalar(), value(depth + 1));
    }
    return map;
  }

  private Object scalar() {
    return switch (random.nextInt(isJson ? 6 : 16)) {
      case 0 -> random.nextBoolean();
      case 1 -> (long) random.nextInt(300) - 150;
      case 2 -> random.nextLong() >> (11 + random.nextInt(50));
      case 3 -> random.nextInt(1_000_000) + 0.5;
      case 4 -> fraction();
      case 5 -> text();
      case 6 -> keyword();
      case 7 -> Symbol.of("sym/s" + random.nextInt(10));
      case 8 -> "aé日(\n ".charAt(random.nextInt(6));
      case 9 -> new Ratio(BigInteger.valueOf(random.nextInt()), BigInteger.valueOf(7919));
      case 10 -> Instant.ofEpochMilli(random.nextLong() >> 20);
      case 11 -> new UUID(random.nextLong(), random.nextLong());
      case 12 -> random.nextLong();
      case 13 -> random.nextInt() + (isTransit ? 0.25 : 0.0);
      case 14 -> large();
      default -> isMsgpack ? finerTime() : rare();
    };
  }

  private BigInteger large() {
    return isMsgpack
        ? BigInteger.ONE.shiftLeft(63).add(BigInteger.valueOf(random.nextInt(1000)))
        : BigInteger.ONE.shiftLeft(64 + random.nextInt(100)).negate();
  }

  private Instant finerTime() {
    return Instant.ofEpochSecond(random.nextInt(), random.nextInt(1_000_000_000));
  }

  /** Whole ones are integers to JavaScript, where the format does not tell. */
  private double fraction() {
    double number = (random.nextDouble() - 0.5) * Math.pow(10, random.nextInt(40) - 20);
    return (isJson || isTransit) && number % 1 == 0 ? 0.1 : number;
  }

  private Object rare() {
    return random.nextBoolean()
        ? BigDecimal.valueOf(random.nextLong(), random.nextInt(20))
        : TaggedValue.of("my/tag", list(3));
  }

  private Keyword keyword() {
    return Keyword.of((random.nextBoolean() ? "key" : "ns/key") + random.nextInt(20));
  }

  private String text() {
    if (random.nextInt(3) == 0) {
      return "key" + random.nextInt(20);
    }
    var text = new StringBuilder();
    for (int i = random.nextInt(random.nextInt(20) == 0 ? 300 : 10); i > 0; i--) {
      int at = random.nextInt(LETTERS.length());
      boolean isHalf = Character.isLowSurrogate(LETTERS.charAt(at));
      text.appendCodePoint(LETTERS.codePointAt(isHalf ? at - 1 : at));
    }
    return text.toString();
  }
}
