package dev.sente.packer;

/**
 * A value cannot be packed: it holds something of a type that the packer does not know, or is
 * nested too deep, or too large for a message.
 */
public final class PackException extends RuntimeException {

  private static final long serialVersionUID = 1;

  /** Says what was met, in the words of the application's own types. */
  public PackException(String message) {
    super(message);
  }

  /** The same, with the cause. */
  public PackException(String message, Throwable cause) {
    super(message, cause);
  }
}
