package dev.sente.server.session;

import dev.sente.server.ServerOptions;
import dev.sente.server.gate.Caller;
import java.util.Locale;
import java.util.StringJoiner;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How many sessions a user and an address have, so that neither has more than it may. */
final class Headcount {

  private static final Logger log = LoggerFactory.getLogger(Headcount.class);

  private final ServerOptions options;
  private final ConcurrentHashMap<String, Integer> perUser = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<String, Integer> perAddress = new ConcurrentHashMap<>();

  /** From when on the log may be told again, by the clock: who is refused may ask on and on. */
  private final AtomicLong quietUntil = new AtomicLong(Long.MIN_VALUE);

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
      warn("a user", options.sessionsPerUser());
      return false;
    }
    var address = caller.address();
    if (!isLoopback(address)
        && !countIn(perAddress, counted(address), options.sessionsPerAddress() + more)) {
      warn(counted(address), options.sessionsPerAddress());
      countOut(perUser, uid);
      return false;
    }
    return true;
  }

  /** Counts a session out that has ended. */
  void out(@Nullable String uid, String address) {
    countOut(perUser, uid);
    if (!isLoopback(address)) {
      countOut(perAddress, counted(address));
    }
  }

  private void warn(String who, int bound) {
    long now = options.time().millis();
    long until = quietUntil.get();
    if (now >= until && quietUntil.compareAndSet(until, now + 60_000)) {
      log.warn("{} has {} clients, no more are let in; nor told of for a minute", who, bound);
    }
  }

  /**
   * What counts as one address: of IPv6 the network's 64 bits, since whoever has one address there
   * has all the others (RFC 6177, section 2).
   */
  private static String counted(String address) {
    int zone = address.indexOf('%');
    var text = zone < 0 ? address : address.substring(0, zone);
    int gap = text.indexOf("::");
    if (text.indexOf('.') >= 0 || (gap < 0 && text.split(":", -1).length != 8)) {
      return address;
    }
    var before = groups(gap < 0 ? text : text.substring(0, gap));
    var after = groups(gap < 0 ? "" : text.substring(gap + 2));
    var network = new StringJoiner(":");
    for (int i = 0; i < 4; i++) {
      int fromEnd = i - (8 - after.length);
      var group = i < before.length ? before[i] : fromEnd >= 0 ? after[fromEnd] : "0";
      network.add(group.replaceFirst("^0+(?=.)", "").toLowerCase(Locale.ROOT));
    }
    return network + "::/64";
  }

  private static String[] groups(String text) {
    return text.isEmpty() ? new String[0] : text.split(":", -1);
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
