package dev.sente.benchmarks;

import java.util.List;

/** What a chat would send. */
final class Chat {

  /** About 50 bytes of JSON. */
  record Say(String text, long at) {}

  record Reaction(String emoji, int count) {}

  /** About 500 bytes of JSON. */
  record Message(
      String id,
      String room,
      String from,
      String text,
      long at,
      boolean edited,
      double score,
      List<String> tags,
      List<Reaction> reactions) {}

  /** About 5 KB of JSON. */
  record Page(String room, int total, List<Message> messages) {}

  /** About 180 bytes of JSON, as one event of a batch. */
  record Said(String from, String room, String text, long at, int likes, boolean edited) {}

  record Event(String id, Said data) {}

  private Chat() {}

  static Say say() {
    return new Say("Hi Bob!", 1_795_281_303_349L);
  }

  static Message message(int number) {
    return new Message(
        "m-" + (100_000 + number * 7919),
        "general",
        "alice@example.org",
        "The quick brown fox jumps over the lazy dog, and then it has another look at what "
            + "the \"dog\" is up to: nothing much, really. So it goes home\nand has a cup of tea."
            + " Number "
            + number,
        1_795_281_303_349L + number * 1000L,
        number % 2 == 0,
        number * 0.25 + 0.125,
        List.of("animals", "stories", "tea"),
        List.of(new Reaction("+1", 3 + number), new Reaction("laugh", 12)));
  }

  static Said said(int number) {
    return new Said(
        "user-" + number,
        "general",
        "Did anybody see where the fox went? It was here " + number + " minutes ago, I think.",
        1_795_281_303_349L + number * 37L,
        number % 5,
        number % 7 == 0);
  }
}
