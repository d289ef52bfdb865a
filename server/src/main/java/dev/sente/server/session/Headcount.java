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

/**
 * How many sessions a user and an address have, so that neither has more than it may. One that is
 * kept for a client which may come back, and whose user no longer counts it as present, counts a
 * quarter: pages that were closed are not to keep out those that are open.
 */
final class Headcount {

  private static final Logger log = LoggerFactory.getLogger(Headcount.class);

  /** What a session counts in quarters, and what is left of that while its client is away. */
  private static final int WHOLE = 4;

  private static final int QUARTER = 1;

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
   * @param replacesOne whether another session of the same client is about to end, or has ended and
   *     has its place until its handlers are through
   */
  boolean in(Caller caller, boolean replacesOne) {
    long more = replacesOne ? 1 : 0;
    var uid = caller.uid();
    if (uid != null && !countIn(perUser, uid, options.sessionsPerUser() + more)) {
      warn("a user", options.sessionsPerUser());
      return false;
    }
    var address = caller.address();
    if (!isLoopback(address)
        && !countIn(perAddress, counted(address), options.sessionsPerAddress() + more)) {
      warn(counted(address), options.sessionsPerAddress());
      change(perUser, uid, -WHOLE);
      return false;
    }
    return true;
  }

  /** Whether {@link #in} would let it in just now. */
  boolean hasRoom(Caller caller, boolean replacesOne) {
    long more = replacesOne ? 1 : 0;
    var uid = caller.uid();
    return (uid == null || fits(perUser.get(uid), options.sessionsPerUser() + more))
        && (isLoopback(caller.address())
            || fits(
                perAddress.get(counted(caller.address())), options.sessionsPerAddress() + more));
  }

  /** A session's client has not come back in the time that its user stays present. */
  void away(@Nullable String uid, String address) {
    change(uid, address, QUARTER - WHOLE);
  }

  /** It is back, or at its end. It has its place whether there is room or not. */
  void back(@Nullable String uid, String address) {
    change(uid, address, WHOLE - QUARTER);
  }

  /** Counts a session out that has ended, and is not away. */
  void out(@Nullable String uid, String address) {
    change(uid, address, -WHOLE);
  }

  private void change(@Nullable String uid, String address, int quarters) {
    change(perUser, uid, quarters);
    if (!isLoopback(address)) {
      change(perAddress, counted(address), quarters);
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
    // A Unix domain socket's peer has no address, and is on this machine.
    return address.isEmpty()
        || address.startsWith("127.")
        || address.equals("::1")
        || address.equals("0:0:0:0:0:0:0:1");
  }

  private static boolean countIn(
      ConcurrentHashMap<String, Integer> counts, String key, long bound) {
    var admitted = new AtomicBoolean();
    counts.compute(
        key,
        (k, count) -> {
          admitted.set(fits(count, bound));
          return admitted.get() ? (Integer) ((count == null ? 0 : count) + WHOLE) : count;
        });
    return admitted.get();
  }

  /** Whether another one fits beside these. */
  private static boolean fits(@Nullable Integer count, long bound) {
    return (count == null ? 0L : count) + WHOLE <= WHOLE * bound;
  }

  private static void change(
      ConcurrentHashMap<String, Integer> counts, @Nullable String key, int quarters) {
    if (key != null) {
      counts.computeIfPresent(
          key, (k, count) -> count + quarters == 0 ? null : (Integer) (count + quarters));
    }
  }
}
