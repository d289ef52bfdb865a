package dev.sente.packer;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Random;

/** Bytes from those who mean harm, for all packers. */
public final class Hostile {

  private Hostile() {}

  /** Reads all that can be read in every way; anything thrown but UnpackException fails. */
  public static void read(Packer packer, byte[] packed) {
    try {
      packer.unpack(packed);
    } catch (UnpackException e) {
      assertThat(e).message().hasSizeLessThan(200);
    }
    try {
      elements(packer.read(packed));
    } catch (UnpackException e) {
      assertThat(e).message().hasSizeLessThan(200);
    }
    try {
      packer.read(packed).as(Sample.class);
    } catch (UnpackException | BindException e) {
      assertThat(e).message().doesNotContain("java.", "jackson", "Sample");
    }
  }

  private record Sample(String text, int number, Sample inner) {}

  private static void elements(PackedValue value) {
    if (value.isVector()) {
      value.elements().forEach(Hostile::elements);
    } else {
      value.value();
    }
  }

  /** Reads the bytes cut off everywhere. */
  public static void prefixes(Packer packer, byte[] packed) {
    for (int length = 0; length <= packed.length; length++) {
      read(packer, Arrays.copyOf(packed, length));
    }
  }

  /** Reads the bytes with every one of them changed to everything. */
  public static void changes(Packer packer, byte[] packed) {
    for (int at = 0; at < packed.length; at++) {
      for (int b = 0; b < 256; b++) {
        var changed = packed.clone();
        changed[at] = (byte) b;
        read(packer, changed);
      }
    }
  }

  /** Reads random bytes, and random choices from an alphabet. */
  public static void random(Packer packer, byte[] alphabet) {
    var random = new Random(815);
    for (int round = 0; round < 50_000; round++) {
      var bytes = new byte[random.nextInt(40)];
      random.nextBytes(bytes);
      if (round % 2 == 0) {
        for (int i = 0; i < bytes.length; i++) {
          bytes[i] = alphabet[random.nextInt(alphabet.length)];
        }
      }
      read(packer, bytes);
    }
  }

  /** Unpacking, whatever comes of it, must not allocate more than so many bytes per byte. */
  public static void assertAllocation(Packer packer, byte[] packed, int perByte) {
    // Once before, for the classes.
    read(packer, packed);
    assertAllocation(() -> packer.unpack(packed), (long) perByte * packed.length);
  }

  /** Reading, whatever comes of it, must not allocate more than so many bytes. */
  public static void assertAllocation(Runnable reading, long most) {
    var thread = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = thread.getCurrentThreadAllocatedBytes();
    try {
      reading.run();
    } catch (UnpackException e) {
      // As good as an answer.
    }
    long allocated = thread.getCurrentThreadAllocatedBytes() - before;
    assertThat(allocated).isLessThan(100_000L + most);
  }
}
