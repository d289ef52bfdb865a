package dev.sente.client.session;

import dev.sente.packer.Packer;
import dev.sente.packer.edn.EdnPacker;
import org.jspecify.annotations.Nullable;

/** Packs whole frames, as packers do that cannot join what was packed. */
final class Forgetful implements Packer {

  /** What happens meanwhile. */
  Runnable meanwhile = () -> {};

  Runnable whileReading = () -> {};

  @Override
  public String name() {
    return "edn";
  }

  @Override
  public boolean hasKeywords() {
    return true;
  }

  @Override
  public byte[] pack(@Nullable Object value) {
    meanwhile.run();
    return EdnPacker.DEFAULT.pack(value);
  }

  @Override
  public @Nullable Object unpack(byte[] packed) {
    whileReading.run();
    return EdnPacker.DEFAULT.unpack(packed);
  }
}
