package dev.sente.client.session;

import java.util.concurrent.locks.ReentrantLock;

/**
 * How much room the queue has: it is asked by whoever sends, before the message goes to the
 * mailbox. For any thread.
 */
final class Room {

  private final int maxMessages;
  private final long maxBytes;
  private final ReentrantLock lock = new ReentrantLock();

  /** What is in the queue or on its way to it. Guarded by lock. */
  private int messages;

  private long bytes;

  Room(int maxMessages, long maxBytes) {
    this.maxMessages = maxMessages;
    this.maxBytes = maxBytes;
  }

  /** Takes room for a message; false where there is none. A lone message may be of any size. */
  boolean take(int size) {
    lock.lock();
    try {
      if (messages >= maxMessages || (bytes > 0 && bytes + size > maxBytes)) {
        return false;
      }
      messages++;
      bytes += size;
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** Takes room for a message that must not be refused. */
  void force(int size) {
    lock.lock();
    try {
      messages++;
      bytes += size;
    } finally {
      lock.unlock();
    }
  }

  /** Gives room back. */
  void give(int count, long size) {
    if (count == 0) {
      return;
    }
    lock.lock();
    try {
      messages -= count;
      bytes -= size;
    } finally {
      lock.unlock();
    }
  }
}
