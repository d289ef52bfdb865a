package dev.sente.benchmarks;

import dev.sente.packer.Packer;

/** A packer with records. */
final class SenteRecords implements Codec {

  private final Packer packer;
  private final Payload payload;
  private final Object toPack;

  SenteRecords(Packer packer, Payload payload) {
    this.packer = packer;
    this.payload = payload;
    this.toPack = payload.toPack();
  }

  @Override
  public byte[] encode() {
    return packer.pack(toPack);
  }

  @Override
  public Object decode(byte[] bytes) {
    return payload.bind(packer.read(bytes));
  }

  @Override
  public Object expected() {
    return payload.record();
  }
}
