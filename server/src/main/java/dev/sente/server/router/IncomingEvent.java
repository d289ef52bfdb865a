package dev.sente.server.router;

import dev.sente.packer.PackedValue;
import dev.sente.server.gate.ConnectRequest;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An event from a client, or one of the protocol's own ({@code chsk/uidport-open}, {@code
 * chsk/uidport-close}, {@code chsk/bad-event}). For any thread.
 */
public final class IncomingEvent {

  private final String id;
  private final PackedValue data;
  private final @Nullable String uid;
  private final String clientId;
  private final ConnectRequest request;
  private final @Nullable Answer answer;

  /**
   * An event as a session makes it.
   *
   * @param answer where an answer goes; null where none is asked for
   */
  public IncomingEvent(
      String id,
      PackedValue data,
      @Nullable String uid,
      String clientId,
      ConnectRequest request,
      @Nullable Answer answer) {
    this.id = id;
    this.data = data;
    this.uid = uid;
    this.clientId = clientId;
    this.request = request;
    this.answer = answer;
  }

  /** The id, {@code namespace/name}. */
  public String id() {
    return id;
  }

  /**
   * The data as a plain value; what types there are is told at {@link PackedValue#value}.
   *
   * @throws dev.sente.packer.UnpackException if the client sent bytes that are no value
   */
  public @Nullable Object data() {
    return data.value();
  }

  /**
   * The data as an object of this class.
   *
   * @throws dev.sente.packer.BindException if the data does not fit the class or is nil
   * @throws dev.sente.packer.UnpackException if the client sent bytes that are no value
   */
  public <T> T data(Class<T> type) {
    var bound = data.as(type);
    if (bound == null) {
      throw new dev.sente.packer.BindException(
          "", "expected a value, was nil", new NullPointerException("data"));
    }
    return bound;
  }

  /** The user; null for a client without one. */
  public @Nullable String uid() {
    return uid;
  }

  /** Which of the user's clients. Chosen by the client: tells clients apart, proves nothing. */
  public String clientId() {
    return clientId;
  }

  /** The request that opened the connection, or, over long-polling, that brought the event. */
  public ConnectRequest request() {
    return request;
  }

  /** Whether the client waits for an answer. */
  public boolean wantsReply() {
    return answer != null;
  }

  /**
   * Answers the client. Only the first answer counts.
   *
   * @param value any value that the packers know, or a record or bean
   * @return false if nobody waits for it, or no longer
   * @throws dev.sente.packer.PackException if the value cannot be packed, or is too large; the
   *     client then still waits, and a handler that does not catch it answers {@code handler-error}
   */
  public boolean reply(@Nullable Object value) {
    return answer != null && answer.value(value);
  }

  /**
   * Answers the client that there will be no value.
   *
   * @param code for programs, as {@code not-allowed}
   * @param message for people; null for none
   * @return false if nobody waits for it, or no longer
   */
  public boolean replyError(String code, @Nullable String message) {
    Objects.requireNonNull(code, "code");
    return answer != null && answer.error(code, message);
  }

  @Override
  public String toString() {
    return id + " from " + uid + "/" + clientId;
  }
}
