package dev.sente.server.session;

import dev.sente.server.ServerOptions;
import dev.sente.server.gate.Caller;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How many sessions a user and an address have, so that neither has more than it may. */
final class Headcount {

  private static final Logger log = LoggerFactory.getLogger(Headcount.class);

  private final ServerOptions options;
  private final ConcurrentHashMap<String, Integer> perUser = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<String, Integer> perAddress = new ConcurrentHashMap<>();

  Headcount(ServerOptions options) {
    this.options = options;
  }

  /**
   * Counts a session in; false, with nothing counted, where there are too many already.
   *
   * @param replacesOne whether another session of the same client is about to end, and leaves room
   */
  boolean in(Caller caller, boolean replacesOne) {
    int more = replacesOne ? 1 : 0;
    var uid = caller.uid();
    if (uid != null && !countIn(perUser, uid, options.sessionsPerUser() + more)) {
      log.warn("a user has {} clients, no more are let in", options.sessionsPerUser());
      return false;
    }
    var address = caller.address();
    if (!isLoopback(address)
        && !countIn(perAddress, address, options.sessionsPerAddress() + more)) {
      log.warn("{} has {} clients, no more are let in", address, options.sessionsPerAddress());
      countOut(perUser, uid);
      return false;
    }
    return true;
  }

  /** Counts a session out that has ended. */
  void out(@Nullable String uid, String address) {
    countOut(perUser, uid);
    if (!isLoopback(address)) {
      countOut(perAddress, address);
    }
  }

  private static boolean isLoopback(String address) {
    return address.startsWith("127.") || address.equals("::1") || address.equals("0:0:0:0:0:0:0:1");
  }

  private static boolean countIn(ConcurrentHashMap<String, Integer> counts, String key, int bound) {
    var admitted = new AtomicBoolean();
    counts.compute(
        key,
        (k, count) -> {
          int now = count == null ? 0 : count;
          admitted.set(now < bound);
          return now < bound ? (Integer) (now + 1) : count;
        });
    return admitted.get();
  }

  private static void countOut(ConcurrentHashMap<String, Integer> counts, @Nullable String key) {
    if (key != null) {
      counts.computeIfPresent(key, (k, count) -> count == 1 ? null : count - 1);
    }
  }
}
