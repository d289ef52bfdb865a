package dev.sente.server.session;

import dev.sente.server.ServerOptions;
import dev.sente.server.gate.Caller;
import dev.sente.server.users.Users;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How many sessions a user and an address have, so that neither has more than it may. */
final class Headcount {

  private static final Logger log = LoggerFactory.getLogger(Headcount.class);

  private final ServerOptions options;
  private final Users users;
  private final ConcurrentHashMap<String, Integer> perAddress = new ConcurrentHashMap<>();

  Headcount(ServerOptions options, Users users) {
    this.options = options;
    this.users = users;
  }

  /** For which address a session is counted; null for none. */
  record Counted(@Nullable String address) {}

  /** Counts a session in; null where there are too many already. */
  @Nullable Counted in(Caller caller, boolean replacesOne) {
    var uid = caller.uid();
    if (!replacesOne && uid != null && users.clientsOf(uid).size() >= options.sessionsPerUser()) {
      log.warn("a user has {} clients, no more are let in", options.sessionsPerUser());
      return null;
    }
    var address = options.clientAddress().apply(caller.request().http());
    if (isLoopback(address)) {
      return new Counted(null);
    }
    if (!countIn(address)) {
      log.warn("{} has {} clients, no more are let in", address, options.sessionsPerAddress());
      return null;
    }
    return new Counted(address);
  }

  private static boolean isLoopback(String address) {
    return address.startsWith("127.") || address.equals("::1") || address.equals("0:0:0:0:0:0:0:1");
  }

  private boolean countIn(String address) {
    int bound = options.sessionsPerAddress();
    var admitted = new AtomicBoolean();
    perAddress.compute(
        address,
        (key, count) -> {
          int now = count == null ? 0 : count;
          admitted.set(now < bound);
          return now < bound ? now + 1 : count;
        });
    return admitted.get();
  }

  /** Counts a session out that has ended. */
  void out(@Nullable String address) {
    if (address != null) {
      perAddress.computeIfPresent(address, (key, count) -> count == 1 ? null : count - 1);
    }
  }
}
