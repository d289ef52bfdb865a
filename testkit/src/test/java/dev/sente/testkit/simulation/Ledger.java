package dev.sente.testkit.simulation;

import dev.sente.server.Dropped;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Who said what, who got what, who was told of a loss; and the invariants over it. Everything said
 * has a name of the form {@code client:number} or {@code user:number}, numbers counting up.
 */
final class Ledger {

  /** How much of the story is told when a run fails. */
  private static final int STORY = 400;

  private final LongSupplier clock;
  private final ArrayDeque<String> story = new ArrayDeque<>();

  /** What was found first. */
  private @Nullable AssertionError broken;

  // To the server.
  private final Map<String, List<String>> said = new HashMap<>();
  private final Map<String, List<String>> handled = new HashMap<>();
  private final Map<String, Set<String>> clientLosses = new HashMap<>();

  // To the clients.
  private final Map<String, List<String>> pushed = new HashMap<>();
  private final Map<String, Set<String>> got = new HashMap<>();
  private final Map<String, @Nullable String> lastInEpoch = new HashMap<>();
  private final Map<String, Integer> dropped = new HashMap<>();
  private final Map<String, Integer> epochs = new HashMap<>();

  /** What was pushed to a client before it had its first session. */
  private final Map<String, Set<String>> strangers = new HashMap<>();

  // Requests.
  private final Set<String> asked = new HashSet<>();
  private final Set<String> answered = new HashSet<>();

  // Presence.
  private final Map<String, Boolean> present = new HashMap<>();

  Ledger(LongSupplier clock) {
    this.clock = clock;
  }

  void log(String what) {
    story.add(clock.getAsLong() + " " + what);
    if (story.size() > STORY) {
      story.remove();
    }
  }

  void check(boolean holds, String otherwise) {
    throwIfBroken();
    if (!holds) {
      broken = new AssertionError(otherwise + "\n  " + String.join("\n  ", story));
      throw broken;
    }
  }

  /** The same to whoever runs the world: the server catches what is thrown to it. */
  void throwIfBroken() {
    if (broken != null) {
      throw broken;
    }
  }

  // Client to server.

  void clientSaid(String client, String what) {
    log(client + " says " + what);
    said.computeIfAbsent(client, c -> new ArrayList<>()).add(what);
  }

  void serverHandled(String client, String what) {
    log("server handles " + what);
    var all = handled.computeIfAbsent(client, c -> new ArrayList<>());
    check(!all.contains(what), what + " was handled twice");
    if (!all.isEmpty()) {
      check(number(all.getLast()) < number(what), what + " was handled after " + all.getLast());
    }
    all.add(what);
  }

  void clientLost(String client, String what) {
    log(client + " is told that " + what + " may be lost");
    clientLosses.computeIfAbsent(client, c -> new HashSet<>()).add(what);
  }

  // Server to client.

  /** An event was pushed to one client. */
  void serverPushed(String client, String what) {
    log("server pushes " + what);
    pushed.computeIfAbsent(client, c -> new ArrayList<>()).add(what);
  }

  /** Nobody was there to get what was pushed last. */
  void notAccepted(String client, String what) {
    pushed.getOrDefault(client, new ArrayList<>()).remove(what);
  }

  List<String> pushedTo(String client) {
    return List.copyOf(pushed.getOrDefault(client, List.of()));
  }

  void clientGot(String client, String what) {
    log(client + " gets " + what);
    check(
        got.computeIfAbsent(client, c -> new LinkedHashSet<>()).add(what),
        client + " got " + what + " twice");
    var before = lastInEpoch.put(client, what);
    if (before != null) {
      var all = pushed.getOrDefault(client, List.of());
      int from = all.indexOf(before);
      int to = all.indexOf(what);
      check(to >= 0, client + " got " + what + ", which nobody pushed to it");
      check(
          to == from + 1,
          client + " got " + what + " after " + before + ": " + (to - from - 1) + " lost between");
    }
  }

  void newEpoch(String client, @Nullable String lost) {
    lastInEpoch.remove(client);
    if (!epochs.containsKey(client)) {
      // It has had no session yet that it could lose: only the server can tell.
      strangers.put(client, Set.copyOf(pushedTo(client)));
    }
    epochs.merge(client, 1, Integer::sum);
  }

  void dropped(Dropped told) {
    log("server tells " + told);
    dropped.merge(told.clientId(), told.messages(), Integer::sum);
  }

  // Requests and presence.

  void asked(String client, String what) {
    asked.add(what);
  }

  void replied(String client, String what) {
    check(asked.contains(what), client + " got an answer to what it never asked: " + what);
    check(answered.add(what), client + " got a second answer to " + what);
  }

  void present(String uid, boolean now) {
    log("user " + uid + (now ? " opens" : " closes"));
    check(present.getOrDefault(uid, false) != now, uid + (now ? " opened" : " closed") + " twice");
    present.put(uid, now);
  }

  /** The server forgets everything. */
  void restarted() {
    log("the server restarts");
    present.clear();
  }

  /** When all is quiet: what was neither delivered nor told of is a loss in silence. */
  void checkAtEnd(String client, Set<String> forgivenPushes) {
    var losses = clientLosses.getOrDefault(client, Set.of());
    var done = handled.getOrDefault(client, List.of());
    for (var what : said.getOrDefault(client, List.of())) {
      check(
          done.contains(what) || losses.contains(what),
          what + " was neither handled nor told of as lost");
      check(
          !asked.contains(what)
              || answered.contains(what)
              || losses.contains(what)
              || epochs.getOrDefault(client, 0) > 1,
          what + " got no answer");
    }
    int missing = 0;
    int toKnownClient = 0;
    for (var what : pushed.getOrDefault(client, List.of())) {
      if (!got.getOrDefault(client, Set.of()).contains(what) && !forgivenPushes.contains(what)) {
        missing++;
        toKnownClient += strangers.getOrDefault(client, Set.of()).contains(what) ? 0 : 1;
      }
    }
    check(
        missing <= dropped.getOrDefault(client, 0),
        client
            + " misses "
            + missing
            + " pushes, and the server told of "
            + dropped.getOrDefault(client, 0));
    check(
        toKnownClient == 0 || epochs.getOrDefault(client, 0) > 1,
        client + " misses pushes and was never told");
  }

  boolean isPresent(String uid) {
    return present.getOrDefault(uid, false);
  }

  int messages() {
    return handled.values().stream().mapToInt(List::size).sum()
        + got.values().stream().mapToInt(Set::size).sum();
  }

  private static int number(String what) {
    return Integer.parseInt(what.substring(what.lastIndexOf(':') + 1));
  }
}
