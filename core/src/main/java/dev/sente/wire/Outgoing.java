package dev.sente.wire;

import dev.sente.event.Event;
import dev.sente.event.Keyword;
import dev.sente.packer.JoiningPacker;
import dev.sente.packer.PackException;
import dev.sente.packer.Packer;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A value on its way out, packed at most once per packer, however many clients get it; what a
 * packer cannot pack it is not asked for again. For any thread: two that pack at the same time get
 * equal bytes.
 */
public final class Outgoing {

  /** What a frame adds at most: four brackets, a nil, and a flag for compression. */
  private static final int FRAME_BYTES = 16;

  private static final byte[] NOTHING = {};

  private final Object value;

  /** Whether it stands in a frame when it is sent, and so is nested deeper. */
  private final boolean isFramed;

  /** How many bytes its frame may have where it is alone in it. */
  private final int maxBytes;

  private static final VarHandle PACKED;

  static {
    try {
      PACKED = MethodHandles.lookup().findVarHandle(Outgoing.class, "packed", Packed.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** What has been packed so far, the latest first. Replaced through PACKED: nothing gets lost. */
  private volatile @Nullable Packed packed;

  /** The frame that began with this message latest; null until one was asked for again. */
  private volatile @Nullable Joined joined;

  /** Whether this message has begun a frame. A lost race only joins once more. */
  private volatile boolean wasFirst;

  private Outgoing(Object value, boolean isFramed, int maxBytes) {
    this.value = value;
    this.isFramed = isFramed;
    this.maxBytes = maxBytes;
  }

  /** An event, as {@code [id data]}, or {@code [id]} where there is no data. */
  public static Outgoing event(Event event) {
    return event(event, Integer.MAX_VALUE);
  }

  /** An event whose frame may have so many bytes. */
  public static Outgoing event(Event event, int maxBytes) {
    var id = Keyword.of(event.id());
    return message(event.data() == null ? List.of(id) : List.of(id, event.data()), maxBytes);
  }

  /** What stands in a frame, which may have so many bytes. */
  static Outgoing message(Object value, int maxBytes) {
    return new Outgoing(value, true, maxBytes);
  }

  /** Any value that is a message of its own, which may have so many bytes. */
  static Outgoing value(Object value, int maxBytes) {
    return new Outgoing(value, false, maxBytes);
  }

  /** The value that is packed. */
  public Object value() {
    return value;
  }

  /**
   * The bytes: as an element where the packer joins; else as a message, that of an event being the
   * frame with it alone, so that what cannot stand in a frame shows here.
   *
   * @throws PackException if the packer does not know something in the value, or it nests too deep
   *     or gets too large
   */
  public byte[] packedBy(Packer packer) {
    return packed(packer).bytes;
  }

  /**
   * Whether the packer packs it ({@link #packedBy}). What one cannot, is not asked for again, nor
   * does it cost more than looking it up.
   */
  public boolean isPackedBy(Packer packer) {
    try {
      return packed(packer).failure == null;
    } catch (PackException e) {
      return false;
    }
  }

  /**
   * What it weighs in a bounded queue of what this packer packs: what its bytes are to a reader, in
   * bytes ({@link Packer#weight}).
   *
   * @throws PackException as {@link #packedBy} does
   */
  public int weightBy(Packer packer) {
    return packed(packer).weight;
  }

  private Packed packed(Packer packer) {
    for (var p = packed; p != null; p = p.rest) {
      if (p.packer.equals(packer)) {
        if (p.failure != null) {
          throw p.failure;
        }
        return p;
      }
    }
    try {
      return pack(packer);
    } catch (PackException e) {
      remember(packer, NOTHING, 0, e);
      throw e;
    }
  }

  private Packed remember(Packer packer, byte[] bytes, int weight, @Nullable PackException why) {
    while (true) {
      var before = packed;
      var now = new Packed(packer, bytes, weight, why, before);
      if (PACKED.compareAndSet(this, before, now)) {
        return now;
      }
    }
  }

  private Packed pack(Packer packer) {
    byte[] bytes;
    int weight;
    if (packer instanceof JoiningPacker joining) {
      bytes = joining.packElement(value);
      weight = bytes.length;
    } else {
      bytes = packer.pack(isFramed ? List.of(List.of(value)) : value);
      weight = packer.weight(bytes);
    }
    if (weight > maxBytes - FRAME_BYTES) {
      throw new PackException(
          "expected a message of at most "
              + maxBytes
              + " bytes, of which a frame takes "
              + FRAME_BYTES
              + ", was one of "
              + weight);
    }
    return remember(packer, bytes, weight, null);
  }

  /** What it weighs in a bounded queue, as first packed; 0 before. */
  public int weight() {
    int first = 0;
    for (var p = packed; p != null; p = p.rest) {
      first = p.failure == null ? p.weight : first;
    }
    return first;
  }

  /** The bytes as a message of its own. */
  public byte[] messageBy(Packer packer) {
    byte[] bytes = packedBy(packer);
    return packer instanceof JoiningPacker joining ? joining.finish(bytes) : bytes;
  }

  /**
   * The frame of messages that begin with this one. Clients that wait for the very same messages,
   * as all do after a broadcast, get the very same array: it is joined once and remembered from its
   * second time on, so that what goes to one client only is not kept twice.
   */
  byte[] joinedWith(List<Outgoing> messages, Packer packer, Joint joint) {
    var found = joined;
    if (found != null
        && found.joint.equals(joint)
        && found.packer.equals(packer)
        && found.messages.equals(messages)) {
      return found.bytes;
    }
    byte[] bytes = joint.join(packer, messages);
    if (wasFirst) {
      joined = new Joined(joint, packer, List.copyOf(messages), bytes);
    }
    wasFirst = true;
    return bytes;
  }

  /** How messages become a frame. Told apart by identity. */
  @FunctionalInterface
  interface Joint {
    byte[] join(Packer packer, List<Outgoing> messages);
  }

  private record Joined(Joint joint, Packer packer, List<Outgoing> messages, byte[] bytes) {}

  /** What a packer made of it, or why it could not. */
  private record Packed(
      Packer packer,
      byte[] bytes,
      int weight,
      @Nullable PackException failure,
      @Nullable Packed rest) {}
}
