package dev.sente.benchmarks.load;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;

/**
 * A message of fixed length: its bytes are known but for its number (ten digits, written {@code #}
 * in the text) and its client's (six digits, {@code @}). So all of it can be compared, and written,
 * without parsing or building anything.
 */
public final class Shape {

  /** The number of a client's first message. All have ten digits. */
  public static final long FIRST = 1_000_000_000L;

  /** Stands for all clients. */
  public static final int EVERYONE = -1;

  static final int NUMBER_DIGITS = 10;
  static final int CLIENT_DIGITS = 6;
  static final int FIRST_CLIENT = 100_001;

  private final byte[] bytes;
  private final ByteBuf literal;
  private final int[] numbers;
  private final int[] clients;

  private Shape(String text) {
    int length = 0;
    int[] numbersAt = new int[8];
    int[] clientsAt = new int[8];
    int numberCount = 0;
    int clientCount = 0;
    var filled = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '#') {
        numbersAt[numberCount++] = length;
        length += NUMBER_DIGITS;
        filled.append("0".repeat(NUMBER_DIGITS));
      } else if (c == '@') {
        clientsAt[clientCount++] = length;
        length += CLIENT_DIGITS;
        filled.append("0".repeat(CLIENT_DIGITS));
      } else {
        length++;
        filled.append(c);
      }
    }
    this.bytes = filled.toString().getBytes(StandardCharsets.US_ASCII);
    this.literal = Unpooled.unreleasableBuffer(Unpooled.wrappedBuffer(bytes).asReadOnly());
    this.numbers = java.util.Arrays.copyOf(numbersAt, numberCount);
    this.clients = java.util.Arrays.copyOf(clientsAt, clientCount);
  }

  /** The shape of an ASCII text. */
  public static Shape of(String text) {
    return new Shape(text);
  }

  /** How a client is named in messages; clients count from 0. */
  public static String name(int client) {
    return Integer.toString(FIRST_CLIENT + client);
  }

  /** The client of this name. */
  public static int client(String name) {
    return Integer.parseInt(name) - FIRST_CLIENT;
  }

  /** How long each message of this shape is, in bytes. */
  public int length() {
    return bytes.length;
  }

  /** A message, as a new array. */
  public byte[] bytes(long number, int client) {
    byte[] filled = bytes.clone();
    fill(filled, 0, number, client);
    return filled;
  }

  /** Puts the digits into a copy of this shape's bytes that begins at {@code from}. */
  void fill(byte[] copy, int from, long number, int client) {
    for (int at : numbers) {
      digits(copy, from + at, NUMBER_DIGITS, number);
    }
    for (int at : clients) {
      digits(copy, from + at, CLIENT_DIGITS, FIRST_CLIENT + client);
    }
  }

  private static void digits(byte[] to, int at, int count, long value) {
    long rest = value;
    for (int i = at + count - 1; i >= at; i--) {
      to[i] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
  }

  /**
   * Reads the message at this place.
   *
   * @param client whose it must be
   * @return its number; -1 where it is not of this shape or not this client's
   */
  public long read(ByteBuf in, int at, int end, int client) {
    if (end - at < bytes.length) {
      return -1;
    }
    long number = numbers.length == 0 ? -1 : value(in, at + numbers[0], NUMBER_DIGITS);
    int from = 0;
    int nextNumber = 0;
    int nextClient = 0;
    while (true) {
      int numberAt = nextNumber < numbers.length ? numbers[nextNumber] : bytes.length;
      int clientAt = nextClient < clients.length ? clients[nextClient] : bytes.length;
      int to = Math.min(numberAt, clientAt);
      if (to > from && !ByteBufUtil.equals(literal, from, in, at + from, to - from)) {
        return -1;
      }
      if (to == bytes.length) {
        return Math.max(-1, number);
      }
      if (to == numberAt) {
        if (value(in, at + to, NUMBER_DIGITS) != number) {
          return -1;
        }
        nextNumber++;
        from = to + NUMBER_DIGITS;
      } else {
        if (value(in, at + to, CLIENT_DIGITS) != FIRST_CLIENT + client) {
          return -1;
        }
        nextClient++;
        from = to + CLIENT_DIGITS;
      }
    }
  }

  private static long value(ByteBuf in, int at, int digits) {
    long value = 0;
    for (int i = at; i < at + digits; i++) {
      int digit = in.getByte(i) - '0';
      if (digit < 0 || digit > 9) {
        return -2;
      }
      value = value * 10 + digit;
    }
    return value;
  }
}
