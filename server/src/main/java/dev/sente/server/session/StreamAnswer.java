package dev.sente.server.session;

import dev.sente.server.router.Answer;
import dev.sente.wire.StreamWire;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** Where the answer to a v2 request goes: into the stream, like everything else. */
final class StreamAnswer implements Answer {

  private final StreamSession session;
  private final long number;
  private final AtomicBoolean answered = new AtomicBoolean();

  StreamAnswer(StreamSession session, long number) {
    this.session = session;
    this.number = number;
  }

  @Override
  public boolean value(@Nullable Object value) {
    var reply = StreamWire.reply(number, value, session.maxMessageBytes());
    reply.packedBy(session.packer());
    return isFirst() && session.answer(reply);
  }

  @Override
  public boolean error(String code, @Nullable String message) {
    var failure = StreamWire.failure(number, code, message, session.maxMessageBytes());
    failure.packedBy(session.packer());
    return isFirst() && session.answer(failure);
  }

  private boolean isFirst() {
    return answered.compareAndSet(false, true);
  }
}
