package dev.sente.event;

/** The form of an event's id: {@code namespace/name}, without white space or control characters. */
public final class EventIds {

  /** The longest id, in characters. */
  public static final int MAX_LENGTH = 256;

  /** The namespace that belongs to the protocol. */
  public static final String PROTOCOL_NAMESPACE = "chsk";

  private EventIds() {}

  /** Whether the text has the form of an event's id. */
  public static boolean isValid(String id) {
    int slash = id.indexOf('/');
    if (slash < 1 || slash == id.length() - 1 || id.length() > MAX_LENGTH) {
      return false;
    }
    if (id.charAt(0) == ':') {
      return false;
    }
    for (int i = 0; i < id.length(); i++) {
      char c = id.charAt(i);
      if (c == ' ' || c == '"' || Character.isISOControl(c) || Character.isWhitespace(c)) {
        return false;
      }
    }
    return true;
  }

  /** Whether the id lies in the protocol's own namespace. */
  public static boolean isProtocol(String id) {
    return id.startsWith("chsk/");
  }

  static void check(String id) {
    if (!isValid(id)) {
      throw new IllegalArgumentException(
          "an event's id must be namespace/name, as in \"chat/say\", was \"" + id + "\"");
    }
  }
}
