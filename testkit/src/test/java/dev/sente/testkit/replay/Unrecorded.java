package dev.sente.testkit.replay;

import dev.sente.event.Event;
import java.util.List;
import java.util.function.Consumer;

/**
 * What happened during a recording and left no record of its own: pushes that were asked for over
 * the test server's control channel, and messages so large that the recorded server ended TCP in
 * the middle of them. Told from the scene's name and from what came of it.
 *
 * @param at when, in milliseconds since the start
 */
record Unrecorded(long at, Consumer<Replay> deed) {

  private static final int WS_LIMIT = 4 * 1024 * 1024;
  private static final int POST_LIMIT = 8 * 1024 * 1024;

  static List<Unrecorded> in(String recording) {
    if (!recording.equals("raw-oddities-edn")) {
      return List.of();
    }
    return List.of(
        push(19_980, "ug1", 1),
        push(26_900, "ug2", 1),
        push(27_300, "ug2", 2),
        push(28_100, "ug2", 3),
        push(28_350, "ug2", 4),
        new Unrecorded(32_300, replay -> replay.application().server().close("ug3")),
        push(41_650, "uw1", 1),
        push(45_290, "uw1", 2),
        new Unrecorded(45_700, replay -> replay.say(35, "[[:test/echo \"" + "x".repeat(WS_LIMIT))),
        new Unrecorded(
            46_000, replay -> replay.post(36, "client-id=p1&ppstr=" + "x".repeat(POST_LIMIT))));
  }

  private static Unrecorded push(long at, String uid, int number) {
    return new Unrecorded(
        at, replay -> replay.application().server().push(uid, Event.of("test/x", number)));
  }
}
