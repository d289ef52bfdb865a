package dev.sente.benchmarks.load;

import io.netty.buffer.ByteBuf;
import java.util.List;

/**
 * One client's end of a subject's protocol, over as many WebSockets, one after the other, as the
 * client opens. It tells {@link Ear} what it understands. Everything happens on the driver's one
 * event loop.
 */
public interface Talk {

  /** The target of the request that opens the next WebSocket. */
  String target();

  /** Further headers of that request, as {@code Name: value}. */
  default List<String> headers() {
    return List.of();
  }

  /** A WebSocket has opened. Where nothing is to be said or awaited, tell {@link Ear#ready}. */
  void opened(Line line);

  /** A text message of the server's, from {@code at} up to {@code end}. The buffer is lent. */
  void message(Line line, ByteBuf in, int at, int end);

  /** Asks the server to give back the {@link Note#ECHO} of this number. */
  default void ask(Line line, long number) {
    throw new UnsupportedOperationException("this subject has no echo");
  }

  /** Whether the client says nothing unless it is asked, not even that it is there. */
  default boolean isSilent() {
    return false;
  }

  /** Called twice a second while a WebSocket is open: for acknowledgements and signs of life. */
  default void tick(Line line) {}

  /** Where a client says what it sends. */
  interface Line {

    /** Sends a text message of this shape. It leaves when the driver has handled what it read. */
    void send(Shape shape, long number, int client);

    /** Sends a text message. */
    void send(String text);
  }

  /** Who is told what a client understands. */
  interface Ear {

    /** The client can ask and be pushed to. */
    void ready();

    /** A reply, or an event that was pushed; its bytes were compared, its order was not. */
    void heard(long number);

    /** A message that repeats one was recognised by its number and dropped. */
    default void repeated() {}

    /** The client could not go on where it was: what was on its way is lost. */
    default void lost() {}

    /** Something came that must not. */
    void wrong(String what);
  }
}
