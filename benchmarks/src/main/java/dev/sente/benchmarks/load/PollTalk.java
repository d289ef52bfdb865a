package dev.sente.benchmarks.load;

import io.netty.buffer.ByteBuf;

/** One long-polling client's end of a subject's protocol. On the driver's event loop. */
public interface PollTalk {

  /** The next request, whole; the answer to the one before has come. */
  String next();

  /** The body of an answer, from {@code at} up to {@code end}; 200 was its status. */
  void answer(ByteBuf in, int at, int end);
}
