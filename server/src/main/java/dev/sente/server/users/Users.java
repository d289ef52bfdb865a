package dev.sente.server.users;

import dev.sente.event.Keyword;
import dev.sente.mailbox.Lane;
import dev.sente.packer.PackException;
import dev.sente.packer.PackedValue;
import dev.sente.packer.Packer;
import dev.sente.server.router.IncomingEvent;
import dev.sente.server.router.Router;
import dev.sente.wire.Outgoing;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who is where. A user's clients come and go by atomic replacement of the user's entry; what is
 * told of it (handlers of {@code chsk/uidport-open} and {@code -close}, presence listeners) is put
 * in the user's own lane within that same step, so that it is told in the order in which it
 * happened.
 */
public final class Users implements ConnectedUsers {

  private static final Logger log = LoggerFactory.getLogger(Users.class);

  /** Stands for the clients without a user, who share one entry. */
  private static final Object NOBODY = Keyword.of("sente/nil-uid");

  private static final UserClient[] NO_CLIENTS = {};

  private final Router router;
  private final Executor executor;

  /** Decides whether what a client's packer cannot pack is the caller's mistake. */
  private final Packer firstPacker;

  private final ConcurrentHashMap<Object, Entry> entries = new ConcurrentHashMap<>();
  private final Set<String> any = ConcurrentHashMap.newKeySet();
  private final Set<String> webSocket = ConcurrentHashMap.newKeySet();
  private final Set<String> ajax = ConcurrentHashMap.newKeySet();
  private final List<Consumer<PresenceChange>> listeners = new CopyOnWriteArrayList<>();

  /**
   * Users whose events go to this router, on threads of this executor.
   *
   * @param firstPacker what cannot be packed by this one is not pushed to anybody
   */
  public Users(Router router, Executor executor, Packer firstPacker) {
    this.router = router;
    this.executor = executor;
    this.firstPacker = firstPacker;
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
  public AutoCloseable onChange(Consumer<PresenceChange> listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }

  /** The clients that a user has now, or nobody where uid is null. */
  public List<UserClient> clientsOf(@Nullable String uid) {
    var entry = entries.get(key(uid));
    return entry == null ? List.of() : entry.clientsNow();
  }

  /**
   * Sends events to all of a user's clients, or of nobody's where uid is null.
   *
   * @return whom they were sent to
   * @throws PackException if they cannot be packed; nobody then gets them
   */
  public List<UserClient> push(@Nullable String uid, List<Outgoing> events, boolean flush) {
    var clients = clientsOf(uid);
    for (int i = 0; i < clients.size(); i++) {
      pack(events, clients.get(i));
    }
    for (int i = 0; i < clients.size(); i++) {
      clients.get(i).push(events, flush, clients);
    }
    return clients;
  }

  /**
   * Sends events to every client of everybody, those without a user included.
   *
   * @throws PackException if they cannot be packed; some may have got them
   */
  public void broadcast(List<Outgoing> events, boolean flush) {
    entries.forEach(
        (key, entry) -> {
          var clients = entry.clientsNow();
          for (int i = 0; i < clients.size(); i++) {
            pack(events, clients.get(i));
            clients.get(i).push(events, flush, clients);
          }
        });
  }

  /**
   * Packs for a client, on the caller's thread. Any stranger chooses a packer: what only that one
   * cannot pack is no mistake of the caller's, and must not keep it from the others.
   */
  private void pack(List<Outgoing> events, UserClient client) {
    var packer = client.packer();
    for (int i = 0; i < events.size(); i++) {
      try {
        events.get(i).packedBy(packer);
      } catch (PackException e) {
        events.get(i).packedBy(firstPacker);
      }
    }
  }

  /** Runs the action for every connected client. */
  public void forEachClient(Consumer<UserClient> action) {
    entries.forEach((key, entry) -> entry.clients.keySet().forEach(action));
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
          var before = entry.clients.put(client, place);
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
          entry.clients.putIfAbsent(client, Place.ABSENT);
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
          var before = entry.clients.remove(client);
          if (before != null) {
            changed(client, entry, before, Place.ABSENT);
          }
        });
  }

  /** Runs within the entry's replacement; nothing here blocks or runs the application's code. */
  private void changed(UserClient client, Entry entry, Place before, Place now) {
    boolean wasWebSocket = entry.webSockets > 0;
    boolean wasAjax = entry.polls > 0;
    entry.count(now, 1);
    entry.count(before, -1);
    var change =
        new PresenceChange(
            client.uid(), entry.webSockets > 0, entry.polls > 0, wasWebSocket, wasAjax);
    updateSets(change);
    if (change.came()) {
      entry.openings.incrementAndGet();
      client.lane().hold();
      entry.lane.add(
          () -> {
            try {
              router.handle(userEvent("chsk/uidport-open", client));
            } finally {
              entry.openings.decrementAndGet();
              client.lane().release();
            }
          });
    } else if (now != Place.ABSENT && entry.openings.get() > 0) {
      // Another of the user's clients, whose events are not to overtake the opening either.
      client.lane().hold();
      entry.lane.add(client.lane()::release);
    } else if (change.went()) {
      entry.lane.add(() -> router.handle(userEvent("chsk/uidport-close", client)));
    }
    if (change.webSocket() != change.wasWebSocket() || change.ajax() != change.wasAjax()) {
      entry.lane.add(() -> tell(change));
    }
    if (entry.clients.isEmpty()) {
      entry.lane.add(() -> forgetIfEmpty(key(client.uid())));
    }
  }

  /** Last in the lane, so that a user who is back by now goes on in the same lane. */
  private void forgetIfEmpty(Object key) {
    entries.computeIfPresent(key, (k, entry) -> entry.clients.isEmpty() ? null : entry);
  }

  private void updateSets(PresenceChange change) {
    var uid = change.uid();
    if (uid == null) {
      return;
    }
    keep(any, uid, change.webSocket() || change.ajax());
    keep(webSocket, uid, change.webSocket());
    keep(ajax, uid, change.ajax());
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
      } catch (RuntimeException e) {
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

  /** A user's clients. Changed only within the map's compute. */
  private static final class Entry {
    final Lane lane;

    /** Read by any thread. */
    final ConcurrentHashMap<UserClient, Place> clients = new ConcurrentHashMap<>(2);

    /** How many openings of this user's are still to be handled. */
    final AtomicInteger openings = new AtomicInteger();

    int webSockets;
    int polls;

    Entry(Lane lane) {
      this.lane = lane;
    }

    List<UserClient> clientsNow() {
      return Arrays.asList(clients.keySet().toArray(NO_CLIENTS));
    }

    void count(Place place, int by) {
      if (place == Place.WEB_SOCKET) {
        webSockets += by;
      } else if (place == Place.AJAX) {
        polls += by;
      }
    }
  }

  /** Where a client is. */
  private enum Place {
    WEB_SOCKET,
    AJAX,
    ABSENT
  }
}
