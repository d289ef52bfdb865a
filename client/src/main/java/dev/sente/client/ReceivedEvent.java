package dev.sente.client;

import dev.sente.packer.BindException;
import dev.sente.packer.PackedValue;
import org.jspecify.annotations.Nullable;

/** An event or a request that came from the server. Immutable, for any thread. */
public final class ReceivedEvent {

  private final String id;
  private final PackedValue data;

  /**
   * An event as a connection brings it.
   *
   * @param data still packed
   */
  public ReceivedEvent(String id, PackedValue data) {
    this.id = id;
    this.data = data;
  }

  /** The id, {@code namespace/name}. */
  public String id() {
    return id;
  }

  /**
   * The data as a plain value, null where there is none; what types there are is told at {@link
   * PackedValue#value}.
   *
   * @throws dev.sente.packer.UnpackException if the server sent bytes that are no value
   */
  public @Nullable Object data() {
    return data.value();
  }

  /**
   * The data as an object of this class, bound by Jackson's rules.
   *
   * @throws BindException if the data does not fit the class or is nil
   * @throws dev.sente.packer.UnpackException if the server sent bytes that are no value
   */
  public <T> T data(Class<T> type) {
    var bound = data.as(type);
    if (bound == null) {
      throw new BindException(
          "", "expected a value, was nil", new NullPointerException("the data is nil"));
    }
    return bound;
  }

  @Override
  public String toString() {
    return id;
  }
}
