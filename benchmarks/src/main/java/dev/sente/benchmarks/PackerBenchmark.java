package dev.sente.benchmarks;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Encodes and decodes one payload by one codec. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
@SuppressWarnings("NullAway.Init") // JMH and the set-up fill the fields
public class PackerBenchmark {

  /** The message. */
  @Param public Payload payload;

  /** Plain values or records. */
  @Param({"value", "record"})
  public String form;

  /** Our packers, and what they are measured by. */
  @Param({
    "json",
    "jackson",
    "edn",
    "clojure",
    "msgpack",
    "msgpack-core",
    "transit",
    "transit-java"
  })
  public String codec;

  private Codec chosen;
  private byte[] bytes;

  /** Makes the codec, and sees that it does what is measured. */
  @Setup
  public void setUp() {
    chosen = Codec.of(codec, payload, form.equals("record"));
    bytes = chosen.encode();
    var decoded = chosen.decode(bytes);
    if (!decoded.equals(chosen.expected())) {
      throw new IllegalStateException(codec + " decoded " + decoded);
    }
  }

  /** Values to bytes. */
  @Benchmark
  public byte[] encode() {
    return chosen.encode();
  }

  /** Bytes to values. */
  @Benchmark
  public Object decode() {
    return chosen.decode(bytes);
  }
}
