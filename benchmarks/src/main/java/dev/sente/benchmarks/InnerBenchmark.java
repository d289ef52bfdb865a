package dev.sente.benchmarks;

import dev.sente.benchmarks.load.Note;
import dev.sente.benchmarks.load.Shape;
import dev.sente.event.Event;
import dev.sente.mailbox.Lane;
import dev.sente.packer.JoiningPacker;
import dev.sente.packer.Packer;
import dev.sente.packer.json.JsonPacker;
import dev.sente.stream.Outbound;
import dev.sente.wire.Frame;
import dev.sente.wire.Message;
import dev.sente.wire.Outgoing;
import dev.sente.wire.StreamWire;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What a message passes on its way through the server, piece by piece, in JSON. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@SuppressWarnings("NullAway.Init") // the set-up fills the fields
public class InnerBenchmark {

  private static final Packer JSON = JsonPacker.create();
  private static final int BATCH = 10;
  private static final long NUMBER = Shape.FIRST;

  private Note news;
  private byte[] request;
  private List<byte[]> packed;
  private List<Outgoing> outgoing;
  private Outbound<Outgoing> outbox;
  private Lane lane;
  private int ran;

  /** Makes what the pieces are given. */
  @Setup
  public void setUp() {
    news = new Note(NUMBER, Integer.parseInt(Shape.name(Shape.EVERYONE)), Note.NEWS);
    var echo = Note.json(Note.ECHO);
    request = Shape.of("[[[\"chsk/request\",[#,[\"bench/echo\"," + echo + "]]]]]").bytes(NUMBER, 0);
    packed = new ArrayList<>();
    outgoing = new ArrayList<>();
    for (int i = 0; i < BATCH; i++) {
      outgoing.add(Outgoing.event(Event.of("bench/news", news)));
      packed.add(outgoing.get(i).packedBy(JSON));
    }
    outbox = new Outbound<>(Outgoing::weight);
    lane = new Lane(Runnable::run);
  }

  /** A pushed event, from a record to bytes. */
  @Benchmark
  public byte[] packEvent() {
    return Outgoing.event(Event.of("bench/news", news)).packedBy(JSON);
  }

  /** Ten packed events to a frame. */
  @Benchmark
  public byte[] joinTen() {
    var joining = (JoiningPacker) JSON;
    return joining.joinBatch(packed);
  }

  /** The same ten for the next client: they are remembered. */
  @Benchmark
  public byte[] joinTenAgain() {
    return StreamWire.batch(JSON, outgoing);
  }

  /** A request's frame, taken apart, its data not. */
  @Benchmark
  public Frame readRequest() {
    return StreamWire.read(JSON, request);
  }

  /** The same, and its data bound to a record. */
  @Benchmark
  public Object readAndBindRequest() {
    var batch = (Frame.Batch) StreamWire.read(JSON, request);
    return java.util.Objects.requireNonNull(
        ((Message.Request) batch.messages().getFirst()).data().as(Note.class));
  }

  /** A message into the outbox, to the connection, and acknowledged. */
  @Benchmark
  public boolean throughOutbox() {
    long number = outbox.append(outgoing.getFirst(), 4096, 4 << 20);
    outbox.take(64 * 1024);
    return outbox.acknowledge(number);
  }

  /** A task through a client's lane, run by the very thread. */
  @Benchmark
  public int throughLane() {
    lane.add(() -> ran++);
    return ran;
  }
}
