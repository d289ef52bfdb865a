package dev.sente.packer;

/** A received value does not fit the class that was asked for. */
public final class BindException extends RuntimeException {

  private static final long serialVersionUID = 1;

  private final String path;

  /**
   * Says what does not fit.
   *
   * @param path the field, as {@code address.street} or {@code items[3].price}; empty for the whole
   *     value
   * @param message what was expected and what was given, without names of classes: it may be sent
   *     to the peer
   * @param cause what the binding library said
   */
  public BindException(String path, String message, Throwable cause) {
    super(path.isEmpty() ? message : path + ": " + message, cause);
    this.path = path;
  }

  /** The field that does not fit; empty for the whole value. */
  public String path() {
    return path;
  }
}
