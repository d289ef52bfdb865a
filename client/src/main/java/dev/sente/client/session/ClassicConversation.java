package dev.sente.client.session;

import dev.sente.client.ReceivedEvent;
import dev.sente.client.TransportType;
import dev.sente.event.Event;
import dev.sente.event.EventIds;
import dev.sente.event.Keyword;
import dev.sente.packer.PackedValue;
import dev.sente.packer.Packer;
import dev.sente.packer.UnpackException;
import dev.sente.wire.Outgoing;
import dev.sente.wire.Reply;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * What is said in classic mode: events at most once, answers by callbacks. Touched by the mailbox
 * only, but for what {@link Conversation} says.
 */
final class ClassicConversation implements Conversation {

  /** The codes by which our server tells, in a value, that there is no answer (K13, K14). */
  private static final Set<String> FAILURES =
      Set.of("handler-error", "bad-data", "bad-event", "no-handler");

  private static final Reply UNREADABLE = new Reply.RemoteError("unreadable", null);

  private final Host host;
  private final Packer packer;
  private final Room room;
  private final Requests<String> requests;

  /** The messages that no connection has taken yet, in the order sent. */
  private final ArrayDeque<ClassicMessage> queue = new ArrayDeque<>(2);

  private final AtomicInteger lastCallback;
  private boolean over;

  /** Whether something was dropped when it was over: nobody can say that it was delivered. */
  private boolean dropped;

  /** Messages are numbered as they are queued, for who waits for them. */
  private final Watches watches;

  private long queued;
  private long settled;

  ClassicConversation(Host host) {
    this.host = host;
    var options = host.options();
    this.packer = options.packer();
    this.room = new Room(options.maxQueuedMessages(), options.maxQueuedBytes());
    this.requests = new Requests<>(options.time(), host.mailbox(), host.executor());
    this.watches = new Watches(host.executor());
    this.lastCallback = new AtomicInteger(options.random().nextInt());
  }

  Host host() {
    return host;
  }

  Packer packer() {
    return packer;
  }

  @Override
  public boolean resumes() {
    return false;
  }

  @Override
  public boolean isWaiting() {
    return requests.isWaiting();
  }

  @Override
  public void check(Event event) {
    pack(event, null);
  }

  /** An event and its callback, as a frame. */
  byte[] pack(Event event, @Nullable Object callback) {
    return packer.pack(Arrays.asList(Outgoing.event(event).value(), callback));
  }

  @Override
  public boolean send(Event event) {
    var packed = pack(event, null);
    if (!room.take(packed.length)) {
      return false;
    }
    host.mailbox().post(() -> append(new ClassicMessage(event, null, packed)));
    return true;
  }

  @Override
  public void request(Event event, Duration timeout, CompletableFuture<Reply> future) {
    // Six hex digits, as Sente's are; one that comes round again is of a request long over.
    var callback = HexFormat.of().toHexDigits(lastCallback.incrementAndGet(), 6);
    var packed = pack(event, callback);
    if (!room.take(packed.length)) {
      requests.complete(future, new Reply.Refused("the queue is full"));
      return;
    }
    var message = new ClassicMessage(event, callback, packed);
    host.mailbox()
        .post(
            () -> {
              if (over || requests.has(callback)) {
                room.give(1, packed.length);
                requests.complete(
                    future, over ? new Reply.Closed() : new Reply.Refused("too many requests"));
                return;
              }
              requests.begin(callback, future, timeout, () -> withdraw(message));
              append(message);
            });
  }

  private void append(ClassicMessage message) {
    if (over) {
      dropped = true;
      room.give(1, message.packed().length);
    } else {
      queue.add(message);
      queued++;
      host.flush().run();
    }
  }

  @Override
  public void delivered(CompletableFuture<Boolean> future) {
    host.mailbox()
        .post(
            () -> {
              watches.add(queued, future);
              if (dropped) {
                watches.lost();
              }
              watches.reached(settled);
            });
  }

  /** A message that was sent may not have arrived. */
  void mayBeLost() {
    watches.lost();
  }

  /** The network or the server has taken the oldest message that was not settled. */
  void settled() {
    settled++;
    watches.reached(settled);
  }

  /** Takes a message back; false if a connection has taken it. */
  private boolean withdraw(ClassicMessage message) {
    int index = List.copyOf(queue).indexOf(message);
    boolean neverLeft = index >= 0;
    if (neverLeft) {
      watches.without(queued - queue.size() + index + 1);
      queue.remove(message);
      queued--;
      room.give(1, message.packed().length);
      watches.reached(settled);
    } else {
      message.cancel();
    }
    return neverLeft;
  }

  /** Takes the oldest message out; null if there is none. */
  @Nullable ClassicMessage take() {
    var message = queue.poll();
    if (message != null) {
      room.give(1, message.packed().length);
    }
    return message;
  }

  @Override
  public void begin() {
    over = false;
    dropped = false;
  }

  @Override
  public Connection open(TransportType type, Link link) {
    return type == TransportType.WS
        ? ClassicSocket.open(this, link)
        : ClassicPolling.open(this, link);
  }

  @Override
  public void interrupted(boolean isAway) {
    if (settled < queued - queue.size()) {
      // What was under way may be lost, and nobody will know.
      settled = queued - queue.size();
      watches.lost();
    }
    if (isAway) {
      requests.refuseAll("the server refused the connection");
    } else {
      requests.endAll(
          new Reply.Closed(),
          callback -> queue.stream().anyMatch(message -> callback.equals(message.callback())));
    }
  }

  @Override
  public void end() {
    over = true;
    dropped |= settled < queued;
    watches.lost();
    settled = queued;
    while (take() != null) {
      // Its room is given back.
    }
    requests.endAll(new Reply.Closed(), callback -> false);
  }

  /**
   * A frame came that is not about the connection itself.
   *
   * @param size of the frame, in bytes
   */
  void received(ClassicFrame frame, Link link, int size) {
    switch (frame) {
      case ClassicFrame.Handshake handshake ->
          link.opened(new Greeting(handshake.uid(), handshake.data(), false, null));
      case ClassicFrame.Batch batch -> {
        for (var event : batch.events()) {
          deliver(event, size / batch.events().size());
        }
      }
      case ClassicFrame.Reply reply -> answered(reply.callback(), reply.value());
      case ClassicFrame.Ping ping -> {}
      case ClassicFrame.Timeout timeout -> {}
    }
  }

  private void deliver(PackedValue packed, int size) {
    ReceivedEvent event;
    try {
      event = eventIn(packed);
    } catch (UnpackException e) {
      host.report(e, "frame");
      return;
    }
    host.inbox().add(() -> host.handlers().deliver(event), size);
  }

  private ReceivedEvent eventIn(PackedValue packed) {
    var parts = packed.elements();
    if (!parts.isEmpty() && parts.size() <= 2) {
      var id = ClassicFrame.nameOf(packer, parts.getFirst().value());
      if (id != null && EventIds.isValid(id) && !EventIds.isProtocol(id)) {
        return new ReceivedEvent(id, parts.size() == 2 ? parts.get(1) : PackedValue.of(null));
      }
    }
    throw new UnpackException("expected an event of the application's");
  }

  /** A request is answered. */
  void answered(String callback, PackedValue packed) {
    if (requests.has(callback)) {
      requests.end(callback, replyIn(packed));
    }
  }

  private Reply replyIn(PackedValue packed) {
    try {
      var value = packed.isVector() ? null : packed.value();
      if ("chsk/timeout".equals(ClassicFrame.nameOf(packer, value))) {
        return new Reply.TimedOut();
      }
      if (value instanceof Map<?, ?> map
          && field(map, "code") instanceof String code
          && FAILURES.contains(code)) {
        return new Reply.RemoteError(
            code, field(map, "message") instanceof String message ? message : null);
      }
      return new Reply.Value(packed);
    } catch (UnpackException e) {
      host.report(e, "frame");
      return UNREADABLE;
    }
  }

  private static @Nullable Object field(Map<?, ?> map, String name) {
    var byKeyword = map.get(Keyword.of(name));
    return byKeyword == null ? map.get(name) : byKeyword;
  }

  /** A request's answer came, and cannot be read. */
  void unreadable(String callback) {
    requests.end(callback, UNREADABLE);
  }

  /** A request was taken that cannot be packed any more. */
  void unpackable(String callback, Throwable why) {
    settled();
    requests.end(callback, new Reply.Refused("the request cannot be packed any more: " + why));
  }

  /** A request failed that the server answered by other means than a reply. */
  void failed(String callback, int status) {
    requests.end(
        callback, new Reply.RemoteError("http-" + status, "the server answered " + status));
  }
}
