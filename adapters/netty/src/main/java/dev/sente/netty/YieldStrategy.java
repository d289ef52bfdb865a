package dev.sente.netty;

import io.netty.channel.SelectStrategy;
import io.netty.util.IntSupplier;

final class YieldStrategy implements SelectStrategy {
  private static final int YIELDS = Integer.getInteger("yields", 1);
  private int left;

  @Override
  public int calculateStrategy(IntSupplier selectSupplier, boolean hasTasks) throws Exception {
    if (hasTasks) {
      left = YIELDS;
      return selectSupplier.get();
    }
    if (left > 0) {
      left--;
      Thread.yield();
      return SelectStrategy.CONTINUE;
    }
    left = YIELDS;
    return SelectStrategy.SELECT;
  }
}
