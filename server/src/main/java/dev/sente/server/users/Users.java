package dev.sente.server.users;

import dev.sente.event.Keyword;
import dev.sente.mailbox.Lane;
import dev.sente.packer.PackException;
import dev.sente.packer.PackedValue;
import dev.sente.packer.Packer;
import dev.sente.server.router.IncomingEvent;
import dev.sente.server.router.Router;
import dev.sente.wire.Outgoing;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who is where. A user's clients come and go by atomic replacement of the user's entry; what is
 * told of it (handlers of {@code chsk/uidport-open} and {@code -close}, presence listeners) is put
 * in the user's own lane within that same step, so that it is told in the order in which it
 * happened. Of a user who comes and goes faster than it can be told, the last of it is left out.
 */
public final class Users implements ConnectedUsers {

  private static final Logger log = LoggerFactory.getLogger(Users.class);

  /** Stands for the clients without a user, who share one entry. */
  private static final Object NOBODY = Keyword.of("sente/nil-uid");

  /** How many changes of one user wait to be told at most. */
  private static final int MAX_WAITING = 16;

  private final Router router;
  private final Executor executor;

  private final ConcurrentHashMap<Object, Entry> entries = new ConcurrentHashMap<>();
  private final Set<String> any = ConcurrentHashMap.newKeySet();
  private final Set<String> webSocket = ConcurrentHashMap.newKeySet();
  private final Set<String> ajax = ConcurrentHashMap.newKeySet();
  private final List<Consumer<PresenceChange>> listeners = new CopyOnWriteArrayList<>();

  /** Users whose events go to this router, on threads of this executor. */
  public Users(Router router, Executor executor) {
    this.router = router;
    this.executor = executor;
  }

  @Override
  public Set<String> any() {
    return Collections.unmodifiableSet(any);
  }

  @Override
  public Set<String> webSocket() {
    return Collections.unmodifiableSet(webSocket);
  }

  @Override
  public Set<String> ajax() {
    return Collections.unmodifiableSet(ajax);
  }

  @Override
  public Subscription onChange(Consumer<PresenceChange> listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }

  /** The clients that a user has now, or nobody where uid is null. */
  public List<UserClient> clientsOf(@Nullable String uid) {
    var key = key(uid);
    var entry = entries.get(key);
    return entry == null ? List.of() : clientsOf(key, entry);
  }

  private List<UserClient> clientsOf(Object key, Entry entry) {
    var clients = entry.snapshot;
    if (clients != null) {
      return clients;
    }
    var taken = new AtomicReference<List<UserClient>>(List.of());
    entries.computeIfPresent(
        key,
        (k, now) -> {
          taken.setPlain(now.takeSnapshot());
          return now;
        });
    return taken.getPlain();
  }

  /**
   * Sends events to all of a user's clients, or of nobody's where uid is null.
   *
   * @return whom they were sent to
   * @throws PackException if none of the clients' packers can pack them; nobody then gets them
   */
  public List<UserClient> push(@Nullable String uid, List<Outgoing> events, boolean flush) {
    var clients = clientsOf(uid);
    var spread = new Spread(events, flush);
    spread.to(clients);
    spread.end();
    return clients;
  }

  /**
   * Sends events to every client of everybody, those without a user included.
   *
   * @throws PackException if none of the clients' packers can pack them; nobody then gets them
   */
  public void broadcast(List<Outgoing> events, boolean flush) {
    var spread = new Spread(events, flush);
    entries.forEach((key, entry) -> spread.to(clientsOf(key, entry)));
    spread.end();
  }

  /**
   * Packs what is asked, before anybody is asked.
   *
   * @throws PackException if none of the clients' packers can pack it
   */
  public void pack(Outgoing asked, List<UserClient> clients) {
    boolean isPacked = false;
    for (var client : clients) {
      isPacked |= asked.isPackedBy(client.packer());
    }
    if (!isPacked && !clients.isEmpty()) {
      asked.packedBy(clients.getFirst().packer());
    }
  }

  /** The client is connected by this transport, newly or by another one than before. */
  public void connected(UserClient client, Transport transport) {
    var place = transport == Transport.AJAX ? Place.AJAX : Place.WEB_SOCKET;
    // The entry is there before anybody is told of it, so that who is told can push. It may go in
    // between, if the user has just left.
    do {
      joined(client);
    } while (!isPlaced(client, place));
  }

  private boolean isPlaced(UserClient client, Place place) {
    return change(
        client,
        entry -> {
          var before = entry.put(client, place);
          if (before != place) {
            changed(client, entry, before == null ? Place.ABSENT : before, place);
          }
        });
  }

  /**
   * Changes a user's entry, if there is one. What that puts in the user's lane begins after it: an
   * executor may run it on this thread, and it may ask for another change.
   */
  private boolean change(UserClient client, Consumer<Entry> change) {
    var changed =
        entries.computeIfPresent(
            key(client.uid()),
            (key, entry) -> {
              entry.lane.hold();
              change.accept(entry);
              return entry;
            });
    if (changed == null) {
      return false;
    }
    changed.lane.release();
    return true;
  }

  /** The client has a session that pushes reach, but does not count as present yet. */
  public void joined(UserClient client) {
    entries.compute(
        key(client.uid()),
        (key, old) -> {
          var entry = old == null ? new Entry(new Lane(executor)) : old;
          if (!entry.clients.containsKey(client)) {
            entry.put(client, Place.ABSENT);
          }
          return entry;
        });
  }

  /** The client no longer counts as present, but may come back: pushes still reach it. */
  public void absent(UserClient client) {
    change(
        client,
        entry -> {
          var before = entry.clients.replace(client, Place.ABSENT);
          if (before != null) {
            changed(client, entry, before, Place.ABSENT);
          }
        });
  }

  /** The client is gone for good. */
  public void disconnected(UserClient client) {
    change(
        client,
        entry -> {
          var before = entry.remove(client);
          if (before != null) {
            changed(client, entry, before, Place.ABSENT);
          }
        });
    forgetIfNothingIsLeft(key(client.uid()));
  }

  private void forgetIfNothingIsLeft(Object key) {
    entries.computeIfPresent(
        key, (k, entry) -> entry.clients.isEmpty() && entry.waiting == null ? null : entry);
  }

  /** Runs within the entry's replacement; nothing here blocks or runs the application's code. */
  private void changed(UserClient client, Entry entry, Place before, Place now) {
    boolean wasWebSocket = entry.webSockets > 0;
    boolean wasAjax = entry.polls > 0;
    entry.count(now, 1);
    entry.count(before, -1);
    var next = new Presence(client, entry.webSockets > 0, entry.polls > 0);
    updateSets(client.uid(), next);
    boolean isOther = next.webSocket != wasWebSocket || next.ajax != wasAjax;
    boolean came = next.isThere() && !(wasWebSocket || wasAjax);
    // Also another of the user's clients, whose events are not to overtake the opening either.
    boolean isHeld = now != Place.ABSENT && (came || entry.isOpeningDue());
    if (isHeld) {
      next.hold(client.lane());
    }
    if (isOther || isHeld) {
      boolean isFirst = entry.waiting == null;
      entry.add(next);
      if (isFirst) {
        entry.lane.add(() -> tellNext(key(client.uid())));
      }
    }
  }

  /** Tells what comes next of a user. In the user's lane, once for each time. */
  private void tellNext(Object key) {
    var taken = new AtomicReference<@Nullable Next>();
    entries.computeIfPresent(
        key,
        (k, entry) -> {
          taken.setPlain(entry.takeNext());
          return entry;
        });
    var next = taken.getPlain();
    try {
      if (next != null) {
        tell(next.entry(), next.presence(), next.change());
      }
    } finally {
      entries.computeIfPresent(key, this::afterTelling);
    }
  }

  private void tell(Entry entry, Presence presence, PresenceChange change) {
    try {
      if (change.came()) {
        router.handle(userEvent("chsk/uidport-open", presence.client));
      }
    } finally {
      entry.isOpening = false;
      presence.held.forEach(Lane::release);
    }
    if (change.went()) {
      router.handle(userEvent("chsk/uidport-close", presence.client));
    }
    if (change.webSocket() != change.wasWebSocket() || change.ajax() != change.wasAjax()) {
      tell(change);
    }
  }

  /** Goes on with what has come meanwhile; a user who is back by now goes on in the same lane. */
  private @Nullable Entry afterTelling(Object key, Entry entry) {
    if (entry.isThrough()) {
      return entry.clients.isEmpty() ? null : entry;
    }
    entry.lane.add(() -> tellNext(key));
    return entry;
  }

  private void updateSets(@Nullable String uid, Presence now) {
    if (uid != null) {
      keep(any, uid, now.isThere());
      keep(webSocket, uid, now.webSocket);
      keep(ajax, uid, now.ajax);
    }
  }

  private static void keep(Set<String> set, String uid, boolean present) {
    if (present) {
      set.add(uid);
    } else {
      set.remove(uid);
    }
  }

  private void tell(PresenceChange change) {
    for (var listener : listeners) {
      try {
        listener.accept(change);
      } catch (Throwable e) {
        // Any error may be the listener's own, as a handler's may.
        Router.throwIfOfTheMachine(e);
        log.error("a presence listener failed", e);
      }
    }
  }

  private static IncomingEvent userEvent(String id, UserClient client) {
    var uid = client.uid();
    return new IncomingEvent(
        id,
        PackedValue.of(uid == null ? NOBODY : uid),
        uid,
        client.clientId(),
        client.request(),
        null);
  }

  private static Object key(@Nullable String uid) {
    return uid == null ? NOBODY : uid;
  }

  /**
   * Sends events to one client after the other. Any stranger chooses a packer: what only that one
   * cannot pack must not keep it from the others, so it is no mistake of the caller's as long as
   * one client's packer can pack it. Those who come before the first of these wait for it.
   */
  private static final class Spread {

    private final List<Outgoing> events;
    private final boolean flush;
    private final List<Runnable> waiting = new ArrayList<>(0);
    private @Nullable Packer unable;
    private boolean isPacked;

    Spread(List<Outgoing> events, boolean flush) {
      this.events = events;
      this.flush = flush;
    }

    void to(List<UserClient> clients) {
      for (int i = 0; i < clients.size(); i++) {
        var client = clients.get(i);
        boolean packs = pack(client.packer());
        if (packs && !isPacked) {
          isPacked = true;
          waiting.forEach(Runnable::run);
        }
        if (isPacked) {
          client.push(events, flush, clients);
        } else {
          unable = client.packer();
          waiting.add(() -> client.push(events, flush, clients));
        }
      }
    }

    /** Packs on the caller's thread, and not on the clients' event loops. */
    private boolean pack(Packer packer) {
      boolean packs = true;
      for (int i = 0; i < events.size(); i++) {
        packs &= events.get(i).isPackedBy(packer);
      }
      return packs;
    }

    void end() {
      var packer = unable;
      if (packer != null && !isPacked) {
        events.forEach(event -> event.packedBy(packer));
      }
    }
  }

  /** A user's clients. Changed only within the map's compute. */
  private static final class Entry {
    final Lane lane;

    final IdentityHashMap<UserClient, Place> clients = new IdentityHashMap<>(1);

    /** The clients, for any thread; null where nobody has asked since they changed. */
    volatile @Nullable List<UserClient> snapshot;

    /** What is still to be told, oldest first; null where nothing is, nor is being told. */
    private @Nullable ArrayDeque<Presence> waiting;

    /** What was told last. */
    private boolean toldWebSocket;

    private boolean toldAjax;

    /** Whether an opening is being handled. Set within the map's compute, cleared in the lane. */
    volatile boolean isOpening;

    int webSockets;
    int polls;

    Entry(Lane lane) {
      this.lane = lane;
    }

    List<UserClient> takeSnapshot() {
      var clients = List.copyOf(this.clients.keySet());
      snapshot = clients;
      return clients;
    }

    @Nullable Place put(UserClient client, Place place) {
      var before = clients.put(client, place);
      if (before == null) {
        snapshot = null;
      }
      return before;
    }

    @Nullable Place remove(UserClient client) {
      var before = clients.remove(client);
      if (before != null) {
        snapshot = null;
      }
      return before;
    }

    /**
     * Adds what is to be told, so that comings and goings wait in turn: of a user who is there all
     * the while, only the latest waits; and where many wait, the last coming and going, or going
     * and coming, are left out.
     */
    void add(Presence next) {
      var all = waiting;
      if (all == null) {
        all = new ArrayDeque<>(1);
        waiting = all;
      }
      var last = all.peekLast();
      if (last != null && last.isThere() == next.isThere()) {
        all.removeLast();
        next.takeOver(last);
        next.client = last.client;
      } else if (all.size() == MAX_WAITING) {
        next.takeOver(all.removeLast());
        next.takeOver(all.removeLast());
      }
      all.add(next);
    }

    @Nullable Next takeNext() {
      var next = waiting == null ? null : waiting.poll();
      if (next == null) {
        return null;
      }
      var change =
          new PresenceChange(next.client.uid(), next.webSocket, next.ajax, toldWebSocket, toldAjax);
      toldWebSocket = next.webSocket;
      toldAjax = next.ajax;
      isOpening = change.came();
      return new Next(this, next, change);
    }

    /** Whether it is still to be handled that the user, who is there, has come. */
    boolean isOpeningDue() {
      var all = waiting;
      boolean isToldThere = toldWebSocket || toldAjax;
      return isOpening || (all != null && (all.size() > 1 || (all.size() == 1 && !isToldThere)));
    }

    /** Whether nothing is to be told any more. */
    boolean isThrough() {
      if (waiting == null || waiting.isEmpty()) {
        waiting = null;
        return true;
      }
      return false;
    }

    void count(Place place, int by) {
      if (place == Place.WEB_SOCKET) {
        webSockets += by;
      } else if (place == Place.AJAX) {
        polls += by;
      }
    }
  }

  /** How a user is connected once a client of his has come or gone. */
  private static final class Presence {
    final boolean webSocket;
    final boolean ajax;

    /** Who came or went. */
    UserClient client;

    /** Lanes of those who came, whose events are to be handled once this is told. */
    final Set<Lane> held = new HashSet<>(2);

    Presence(UserClient client, boolean webSocket, boolean ajax) {
      this.client = client;
      this.webSocket = webSocket;
      this.ajax = ajax;
    }

    boolean isThere() {
      return webSocket || ajax;
    }

    void hold(Lane lane) {
      lane.hold();
      held.add(lane);
    }

    /** The other is not told: who waits for it waits for this one. */
    void takeOver(Presence other) {
      for (var lane : other.held) {
        if (!held.add(lane)) {
          lane.release();
        }
      }
    }
  }

  /** What is told, and of which change. */
  private record Next(Entry entry, Presence presence, PresenceChange change) {}

  /** Where a client is. */
  private enum Place {
    WEB_SOCKET,
    AJAX,
    ABSENT
  }
}
