package dev.sente.benchmarks;

import static java.util.Objects.requireNonNull;

import dev.sente.packer.Packer;
import java.util.function.Function;

/** A packer with plain values. */
final class SenteValues implements Codec {

  private final Packer packer;
  private final Object value;

  SenteValues(Packer packer, Payload payload, Function<String, ?> key) {
    this.packer = packer;
    this.value = payload.plain(key);
  }

  @Override
  public byte[] encode() {
    return packer.pack(value);
  }

  @Override
  public Object decode(byte[] bytes) {
    return requireNonNull(packer.unpack(bytes));
  }

  @Override
  public Object expected() {
    return value;
  }
}
