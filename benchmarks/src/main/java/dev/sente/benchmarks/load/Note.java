package dev.sente.benchmarks.load;

/**
 * What every message carries: its number, whose it is, and letters up to the length that the
 * workload wants. The lengths are those of the data in compact JSON; a subject's envelope comes on
 * top.
 *
 * @param n counts up from {@link Shape#FIRST} for each client
 * @param to the client's name; of a message to all, that of {@link Shape#EVERYONE}
 */
public record Note(long n, int to, String text) {

  /** What is asked and answered: 120 bytes. */
  public static final String ECHO = text(120);

  /** What is broadcast: 200 bytes. */
  public static final String NEWS = text(200);

  /** What is pushed to one: 200 bytes. */
  public static final String POST = NEWS;

  /** What is broadcast by this number. */
  public static Note news(long number) {
    return new Note(number, Shape.FIRST_CLIENT + Shape.EVERYONE, NEWS);
  }

  /** What is pushed to this client by this number. */
  public static Note post(long number, int client) {
    return new Note(number, Shape.FIRST_CLIENT + client, POST);
  }

  /** The data in compact JSON, as a {@link Shape}'s text. */
  public static String json(String text) {
    return "{\"n\":#,\"to\":@,\"text\":\"" + text + "\"}";
  }

  /** The data in edn, as a {@link Shape}'s text. */
  public static String edn(String text) {
    return "{:n #, :to @, :text \"" + text + "\"}";
  }

  private static String text(int bytes) {
    int around = json("").length() - 2 + Shape.NUMBER_DIGITS + Shape.CLIENT_DIGITS;
    return "It is the same for all of them, so it is framed once. "
        .repeat(8)
        .substring(0, bytes - around);
  }
}
