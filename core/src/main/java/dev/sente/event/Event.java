package dev.sente.event;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Something that happened, told from one side to the other: an id and its data.
 *
 * @param id {@code namespace/name}, at most {@value EventIds#MAX_LENGTH} characters; the namespace
 *     {@code chsk} belongs to the protocol
 * @param data any value that the packers know, or a record or bean that Jackson can bind; it must
 *     not be changed once it is sent
 */
public record Event(String id, @Nullable Object data) {

  /**
   * Checks the id.
   *
   * @throws IllegalArgumentException if the id is not of the form {@code namespace/name}
   */
  public Event {
    Objects.requireNonNull(id, "id");
    EventIds.check(id);
  }

  /** An event with data. */
  public static Event of(String id, @Nullable Object data) {
    return new Event(id, data);
  }

  /** An event without data. */
  public static Event of(String id) {
    return new Event(id, null);
  }
}
