package dev.sente.packer;

/**
 * Bytes are not a value in the packer's format, or exceed one of its limits. The message names what
 * was expected and where, and never repeats more than a few characters of the input.
 */
public final class UnpackException extends RuntimeException {

  private static final long serialVersionUID = 1;

  /** Says what was expected, and where. */
  public UnpackException(String message) {
    super(message);
  }

  /** The same, with the cause. */
  public UnpackException(String message, Throwable cause) {
    super(message, cause);
  }
}
