package dev.sente.netty;

import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Counts what has come of bodies and messages that are not complete, and bounds it over all
 * connections. Each has its own bound too, but strangers may open many connections, and no hook is
 * asked before a body or message is whole.
 *
 * <p>Up to the bound there is room for whoever comes first. Half as much again is in reserve, for
 * peers whose network has no more of it all than is left then: who fills the bound and keeps it
 * full, from one network or from a few, keeps out nobody but himself. Where all come from one
 * address, a proxy's, the bound is all there is.
 *
 * <p>Counted is what has come when more is awaited: what comes whole costs nothing here. Any
 * thread.
 */
final class ArrivingBytes {

  /** One for all servers, since they share the heap. */
  static final ArrivingBytes OF_THE_PROCESS =
      new ArrivingBytes(Runtime.getRuntime().maxMemory() / 8);

  /**
   * What each connection may hold uncounted, in bytes: no more than it costs anyway. So a small
   * message that comes in two reads is taken however full it is here.
   */
  static final int FREE = 1024;

  private final long bound;
  private final long withReserve;
  private final AtomicLong counted = new AtomicLong();

  /** What is counted of each network that has anything. Any thread, atomically. */
  private final ConcurrentHashMap<String, Long> perNetwork = new ConcurrentHashMap<>();

  private final OnceAMinute warning = new OnceAMinute();

  ArrivingBytes(long bound) {
    this.bound = bound;
    this.withReserve = bound + bound / 2;
  }

  /**
   * Counts what a connection holds, in place of what it held. One that is alone here has room: what
   * an application allows, and be it more than there is room for, must come some time.
   *
   * @param peer of the connection, each time the same; null where it has no address
   * @return false where there is no room for it; then what it held is counted as before
   */
  boolean change(@Nullable SocketAddress peer, int before, int now) {
    int part = Math.max(now, FREE) - FREE;
    int more = part - (Math.max(before, FREE) - FREE);
    if (more == 0) {
      return true;
    }
    String network = network(peer);
    long all = counted.addAndGet(more);
    long ofNetwork = count(network, more);
    if (all <= bound || all == part || more < 0 || ofNetwork <= withReserve - all) {
      return true;
    }
    counted.addAndGet(-more);
    count(network, -more);
    if (warning.isDue()) {
      warn();
    }
    return false;
  }

  private long count(String network, long more) {
    Long now = perNetwork.merge(network, more, (a, b) -> a + b == 0 ? null : (Long) (a + b));
    return now == null ? 0 : now;
  }

  private void warn() {
    var most = perNetwork.entrySet().stream().max(Map.Entry.comparingByValue());
    NettyServer.LOG.warn(
        "Bodies and messages that are not complete take {} bytes, {} of them from {}; more are"
            + " refused; nor told of for a minute",
        counted,
        most.isPresent() ? most.get().getValue() : 0,
        most.isPresent() ? most.get().getKey() : "nobody");
  }

  /**
   * What counts as one: of IPv6 the network's 64 bits, since whoever has one address there has all
   * the others (RFC 6177, section 2). Empty where there is no IP address.
   */
  private static String network(@Nullable SocketAddress peer) {
    if (!(peer instanceof InetSocketAddress internet) || internet.isUnresolved()) {
      return "";
    }
    byte[] address = internet.getAddress().getAddress();
    return internet.getAddress() instanceof Inet6Address
        ? HexFormat.of().formatHex(address, 0, 8).replaceAll("(.{4})", "$1:") + ":/64"
        : internet.getAddress().getHostAddress();
  }

  long counted() {
    return counted.get();
  }
}
