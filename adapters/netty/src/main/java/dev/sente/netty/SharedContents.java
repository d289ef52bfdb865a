package dev.sente.netty;

import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The contents that are being sent, so that each is held once, however many take it slowly. Holds
 * none by itself: one that is no longer sent goes when the garbage collector comes. Any thread.
 */
final class SharedContents {

  private final ConcurrentHashMap<String, Held> byTag = new ConcurrentHashMap<>();
  private final ReferenceQueue<byte[]> gone = new ReferenceQueue<>();

  /**
   * A content that equals this one, to be sent in its place; or itself.
   *
   * @param tag made of the content, so that equal tags mean equal contents
   */
  byte[] shared(String tag, byte[] content) {
    for (var ended = gone.poll(); ended != null; ended = gone.poll()) {
      if (ended instanceof Held held) {
        byTag.remove(held.tag, held);
      }
    }
    var held =
        byTag.merge(tag, new Held(tag, content, gone), (old, now) -> old.get() == null ? now : old);
    byte[] found = held.get();
    return found == null ? content : found;
  }

  private static final class Held extends WeakReference<byte[]> {
    final String tag;

    Held(String tag, byte[] content, ReferenceQueue<byte[]> gone) {
      super(content, gone);
      this.tag = tag;
    }
  }
}
