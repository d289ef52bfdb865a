package dev.sente.packer;

/**
 * Bytes are not a value in the packer's format, or exceed one of its limits. The message names what
 * was expected and where, and never repeats more than a few characters of the input.
 */
public final class UnpackException extends RuntimeException {

  private static final long serialVersionUID = 1;

  /** Where in the bytes, from 0; -1 if not known. */
  private final int position;

  /** Says what was expected, and where. */
  public UnpackException(String message) {
    super(message);
    this.position = -1;
  }

  /** Says what was expected, and at which byte, counted from 0; -1 if that is not known. */
  public UnpackException(String message, int position) {
    super(position < 0 ? message : message + " at byte " + position);
    this.position = position;
  }

  /** The same, with the cause. */
  public UnpackException(String message, Throwable cause) {
    super(message, cause);
    this.position = -1;
  }

  /** The byte at which it was seen, counted from 0; -1 if not known. */
  public int position() {
    return position;
  }
}
