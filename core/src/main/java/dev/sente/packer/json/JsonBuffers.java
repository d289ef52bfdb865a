package dev.sente.packer.json;

import java.util.concurrent.atomic.AtomicReferenceArray;
import tools.jackson.core.util.BufferRecycler;
import tools.jackson.core.util.RecyclerPool;

/**
 * Buffers for Jackson's parsers and generators, used again. Jackson's own pool is one list that all
 * processors contend for; this one is a few places, each for the threads whose number falls on it.
 * A place that is taken or full is no matter: buffers are made anew, or left to the collector.
 */
final class JsonBuffers implements RecyclerPool<BufferRecycler> {

  private static final long serialVersionUID = 1;

  /** A power of two, some times the number of processors. */
  private static final int PLACES =
      4 * Integer.highestOneBit(Runtime.getRuntime().availableProcessors());

  /** Far enough apart not to share a line of a processor's cache. */
  private static final int APART = 16;

  /** For all packers; after what it is made of. */
  static final JsonBuffers POOL = new JsonBuffers();

  private final AtomicReferenceArray<BufferRecycler> places =
      new AtomicReferenceArray<>(PLACES * APART);

  private JsonBuffers() {}

  private static int place() {
    return (int) (Thread.currentThread().threadId() & (PLACES - 1)) * APART;
  }

  @Override
  public BufferRecycler acquirePooled() {
    var found = places.getAndSet(place(), null);
    return found == null ? new BufferRecycler() : found;
  }

  @Override
  public void releasePooled(BufferRecycler pooled) {
    places.lazySet(place(), pooled);
  }

  @Override
  public int pooledCount() {
    return -1;
  }

  @Override
  public boolean clear() {
    for (int i = 0; i < PLACES; i++) {
      places.set(i * APART, null);
    }
    return true;
  }
}
