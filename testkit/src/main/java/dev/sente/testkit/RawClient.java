package dev.sente.testkit;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * One connection of a client that says just what a test wants. Not for several threads at once.
 * What waits does so for 20 s at most, then fails.
 */
public interface RawClient extends AutoCloseable {

  /** A message in text, in one frame (RFC 6455, section 5.2: the first byte of a frame). */
  int TEXT = 0x81;

  /** A binary message in one frame. */
  int BINARY = 0x82;

  /** A close frame. */
  int CLOSE = 0x88;

  /** A ping. */
  int PING = 0x89;

  /** A pong. */
  int PONG = 0x8A;

  /**
   * Sends a request.
   *
   * @param target path and query
   * @param headers names and values in turn, besides {@code Host} and {@code Content-Length}
   */
  void send(String method, String target, byte[] body, String... headers);

  /** The next answer, waited for. */
  Answer answer();

  /**
   * Sends a frame, masked.
   *
   * @param first the frame's first byte
   */
  void sendFrame(int first, byte... payload);

  /** The next frame, waited for. */
  Frame frame();

  /** Takes nothing until told otherwise; what takes only what it is asked for has nothing to do. */
  default void stall(boolean now) {}

  /** Waits until the server has ended the connection; false if it says anything more. */
  boolean isEnded();

  /** Breaks the connection, as a reset of TCP does. */
  void reset();

  /** Ends the connection without a word, as a client does that went away. */
  void leave();

  /** Leaves, where it has not yet. */
  @Override
  default void close() {
    leave();
  }

  /** Sends a text message. */
  default void sendText(String text) {
    sendFrame(TEXT, text.getBytes(StandardCharsets.UTF_8));
  }

  /** Sends a close frame with this code. */
  default void sendClose(int code) {
    sendFrame(CLOSE, (byte) (code >> 8), (byte) code);
  }

  /**
   * An HTTP answer.
   *
   * @param status its status code
   * @param headers names in lower case to their last values
   * @param body as it came, without what HTTP frames it with
   */
  record Answer(int status, Map<String, String> headers, byte[] body) {

    /** The body as UTF-8. */
    public String text() {
      return new String(body, StandardCharsets.UTF_8);
    }
  }

  /**
   * A frame from the server.
   *
   * @param first its first byte
   * @param payload what follows its length
   */
  record Frame(int first, byte[] payload) {

    /** The payload as UTF-8. */
    public String text() {
      return new String(payload, StandardCharsets.UTF_8);
    }

    /** The code in a close frame; 1005 for none. */
    public int closeCode() {
      return payload.length < 2 ? 1005 : ByteBuffer.wrap(payload).getShort() & 0xFFFF;
    }

    /** The reason in a close frame. */
    public String closeReason() {
      return payload.length < 2
          ? ""
          : new String(payload, 2, payload.length - 2, StandardCharsets.UTF_8);
    }
  }
}
