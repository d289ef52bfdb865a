package dev.sente.server.session;

import dev.sente.event.Event;
import dev.sente.mailbox.Lane;
import dev.sente.mailbox.Mailbox;
import dev.sente.packer.PackException;
import dev.sente.packer.Packer;
import dev.sente.server.Dropped;
import dev.sente.server.ServerOptions;
import dev.sente.server.gate.Caller;
import dev.sente.server.gate.ConnectRequest;
import dev.sente.server.router.Router;
import dev.sente.server.session.Life.Input;
import dev.sente.server.session.Life.State;
import dev.sente.server.session.Outbox.Item;
import dev.sente.server.users.Transport;
import dev.sente.server.users.UserClient;
import dev.sente.wire.Outgoing;
import dev.sente.wire.Reply;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client in classic mode: carries out what {@link Life} decides, and holds what waits to be
 * sent. Everything happens in its mailbox; nothing there blocks or runs the application's code.
 */
final class ClassicSession implements Lifetime.Session, HeldPoll.Holder {

  /** How many WebSockets of one client may be open besides the newest. */
  private static final int MAX_OLDER = 4;

  private static final Logger log = LoggerFactory.getLogger(ClassicSession.class);

  private final ClassicSessions sessions;
  private final SessionKey key;
  private final ServerOptions options;
  private final Inbox inbox;
  private final Mailbox mailbox = new Mailbox();
  private final Outbox outbox;

  /** The address that it is counted for. */
  private final String address;

  /**
   * Who is at the other end of its newest connection. Written by the threads that bring
   * connections.
   */
  private volatile Caller caller;

  /** Whether it has been given a handshake over long-polling. Set once. */
  private volatile boolean pollsBegun;

  /** Whether it has ended. Written by the mailbox. */
  private volatile boolean isLeft;

  // What follows is touched by the mailbox only.
  private final Lifetime life;
  private @Nullable ClassicSocket socket;

  /** WebSockets that a newer connection has replaced, and that may go on sending (K26). */
  private final ArrayDeque<ClassicSocket> older = new ArrayDeque<>(0);

  private @Nullable HeldPoll poll;

  /** Whether a batch window's end will send what waits. */
  private boolean isGathering;

  ClassicSession(ClassicSessions sessions, SessionKey key, Inbox inbox, Caller first) {
    this.sessions = sessions;
    this.key = key;
    this.address = first.address();
    this.options = sessions.all().options();
    this.inbox = inbox;
    this.life = new Lifetime(sessions.all(), this, mailbox, false);
    this.outbox = new Outbox(options);
    this.caller = first;
  }

  /**
   * From now on it ends unless a connection comes in time. Called once it can be found, so that its
   * end finds it; and again by whoever has used it, which does nothing.
   */
  void begin() {
    mailbox.post(life::begin);
  }

  @Override
  public @Nullable String uid() {
    return key.uid();
  }

  @Override
  public String clientId() {
    return key.clientId();
  }

  @Override
  public Packer packer() {
    return caller.packer();
  }

  @Override
  public ConnectRequest request() {
    return caller.request();
  }

  @Override
  public Lane lane() {
    return inbox.lane();
  }

  /** Where its events wait. */
  Inbox inbox() {
    return inbox;
  }

  SessionKey key() {
    return key;
  }

  @Override
  public String address() {
    return address;
  }

  boolean isLeft() {
    return isLeft;
  }

  boolean pollsBegun() {
    return pollsBegun;
  }

  /** Notes that a handshake is on its way; a poll still held belongs to the past. */
  void pollsBegin(Caller caller) {
    adopt(caller);
    pollsBegun = true;
    mailbox.post(
        () -> {
          var held = poll;
          if (held != null) {
            finishPoll(held, null);
          }
        });
  }

  private void adopt(Caller newest) {
    caller = newest;
  }

  /** Runs a task in the mailbox. */
  void inOrder(Runnable task) {
    mailbox.post(task);
  }

  /** A WebSocket has opened and been sent its handshake. */
  void opened(ClassicSocket opened, Caller caller) {
    adopt(caller);
    mailbox.post(
        () -> {
          keepOlder();
          socket = opened;
          life.step(new Input.Opened(opened.number(), Transport.WEB_SOCKET));
          if (socket == opened) {
            if (!outbox.isEmpty()) {
              opened.requestWrite();
            }
            // Also where the client's last session, or other connections, left much to be handled.
            opened.readOrNot();
          }
          removeIfSignedOut(caller);
          closeIfGoingAway();
        });
  }

  private void keepOlder() {
    var before = socket;
    socket = null;
    if (before != null) {
      older.add(before);
      if (outbox.forgetCloses()) {
        before.close(1000, "");
      }
      if (older.size() > MAX_OLDER) {
        older.removeFirst().close(1000, "superseded");
      }
    }
  }

  /** A poll has come. */
  void opened(HeldPoll opened) {
    adopt(opened.admission().caller());
    mailbox.post(
        () -> {
          var older = poll;
          poll = opened;
          if (older != null) {
            older.answerTimeout();
          }
          life.step(new Input.Opened(opened.number(), Transport.AJAX));
          if (poll == opened) {
            hold(opened);
            answerPoll(opened);
          }
          removeIfSignedOut(opened.admission().caller());
          closeIfGoingAway();
        });
  }

  private void hold(HeldPoll held) {
    held.hold(this);
    life.hold(
        options.longPollTimeout(),
        () -> {
          if (poll == held) {
            finishPoll(held, null);
          }
        });
  }

  /** A WebSocket is closed. */
  void gone(ClassicSocket closed) {
    mailbox.post(
        () -> {
          if (socket == closed) {
            socket = null;
            outbox.forgetCloses();
          }
          older.remove(closed);
          closed.readNoMore();
          int unanswered = closed.clearAnswers();
          if (unanswered > 0) {
            dropped(unanswered, Dropped.Reason.UNANSWERABLE);
          }
          life.step(new Input.Gone(closed.number()));
        });
  }

  @Override
  public void aborted(HeldPoll aborted) {
    mailbox.post(
        () -> {
          if (poll == aborted) {
            poll = null;
            life.step(new Input.Gone(aborted.number()));
          }
        });
  }

  @Override
  public void push(List<Outgoing> events, boolean flush, List<UserClient> to) {
    var packer = packer();
    var items = new ArrayList<Item>(events.size());
    for (var event : events) {
      items.add(new Item.Push(event, size(event, packer)));
    }
    mailbox.post(
        () -> {
          boolean isAny = false;
          for (var item : items) {
            isAny |= add(item);
          }
          if (isAny) {
            sendSoon(flush);
          }
        });
  }

  /** Its size in bytes by this packer, or by another where this one cannot pack it. */
  private static int size(Outgoing event, Packer packer) {
    try {
      return event.weightBy(packer);
    } catch (PackException e) {
      return event.weight();
    }
  }

  /** Sends an answer over the WebSocket on which it was asked for, or the one that replaced it. */
  void reply(ClassicSocket asked, Outgoing answer, int size) {
    mailbox.post(
        () -> {
          var present = asked.session();
          if (present != this) {
            // This one had ended before the WebSocket opened, which has joined another since.
            present.reply(asked, answer, size);
            return;
          }
          var item = new Item.Whole(answer, size);
          if (asked.isOpen() && socket != asked) {
            if (!asked.answer(item)) {
              dropped(asked.clearAnswers() + 1, Dropped.Reason.OVERFLOW);
              asked.close(4001, "too slow");
            }
          } else if (life.isEnded()) {
            dropped(1, Dropped.Reason.UNANSWERABLE);
          } else if (add(item)) {
            sendSoon(true);
          }
        });
  }

  @Override
  public void close() {
    mailbox.post(
        () -> {
          closeAll(older, 1000, "");
          if (life.isLive()) {
            if (outbox.add(new Item.Close())) {
              sendSoon(true);
            } else {
              closeNow(1000, "");
            }
          }
        });
  }

  @Override
  public void remove(int code, String reason) {
    mailbox.post(() -> removeWith(code, reason));
  }

  private void removeWith(int code, String reason) {
    closeNow(code, reason);
    life.step(new Input.Removed());
  }

  @Override
  public CompletableFuture<Reply> request(Event event, Duration timeout) {
    return CompletableFuture.completedFuture(new Reply.Refused("a classic client cannot be asked"));
  }

  @Override
  public void watch(List<Outgoing> pushed, Consumer<Boolean> outcome) {
    outcome.accept(false);
  }

  /** Closes the connections at once where the server stops. */
  void leaveIfGoingAway() {
    mailbox.post(this::closeIfGoingAway);
  }

  private void closeIfGoingAway() {
    if (sessions.all().goingAway() != null) {
      closeNow(1001, "going away");
    }
    if (sessions.all().isStopped()) {
      life.step(new Input.Removed());
    }
  }

  /** Its user may have been signed out while the application's hooks were asked. */
  private void removeIfSignedOut(Caller opened) {
    if (sessions.all().signOuts().reaches(opened)) {
      removeWith(4500, SignOuts.REASON);
    }
  }

  /** Closes all its connections, whatever waits. */
  private void closeNow(int code, String reason) {
    closeAll(older, code, reason);
    var live = socket;
    if (live != null) {
      live.close(code, reason);
    }
    var held = poll;
    if (held != null) {
      finishPoll(held, null);
    }
  }

  private static void closeAll(Collection<ClassicSocket> sockets, int code, String reason) {
    sockets.forEach(each -> each.close(code, reason));
  }

  /** Writes the next message: the connection can take it. */
  void writable(ClassicSocket writable) {
    mailbox.post(
        () -> {
          if (socket != writable) {
            writable.sendAnswer();
            return;
          }
          if (outbox.takeClose()) {
            writable.close(1000, "");
            return;
          }
          try {
            byte[] message = takeMessage(writable.packer());
            if (message != null) {
              writable.send(message);
            }
          } catch (Throwable e) {
            unpackable(e);
          }
          if (!outbox.isEmpty()) {
            writable.requestWrite();
          }
        });
  }

  private boolean add(Item item) {
    if (life.isEnded()) {
      dropped(1, Dropped.Reason.GONE);
      return false;
    }
    if (outbox.add(item)) {
      return true;
    }
    overflow(1);
    return false;
  }

  /**
   * What waits is lost, and the client is to begin anew.
   *
   * @param refused how many messages were not even added
   */
  private void overflow(int refused) {
    dropped(outbox.clear() + refused, Dropped.Reason.OVERFLOW);
    var live = socket;
    if (live != null) {
      live.close(4001, "too slow");
    }
    var held = poll;
    if (held != null) {
      finishPoll(held, null);
    }
  }

  private void sendSoon(boolean flush) {
    if (!(life.state() instanceof State.Live live)) {
      return;
    }
    var window = sessions.all().window(live.transport());
    if (flush || window.isZero()) {
      sendNow();
    } else if (!isGathering) {
      isGathering = true;
      window.atEnd(() -> mailbox.post(this::gathered));
    }
  }

  private void gathered() {
    isGathering = false;
    sendNow();
  }

  private void sendNow() {
    if (!(life.state() instanceof State.Live live)) {
      return;
    }
    if (live.transport() == Transport.WEB_SOCKET) {
      var open = socket;
      if (open != null) {
        open.requestWrite();
      }
    } else {
      var held = poll;
      if (held != null) {
        answerPoll(held);
      }
    }
  }

  /** Answers the poll with what waits, if anything does. */
  private void answerPoll(HeldPoll held) {
    if (held.isAborted()) {
      // It may have been before it was held. What waits is for the next one (K17).
      return;
    }
    int unanswerable = outbox.dropAnswers();
    if (unanswerable > 0) {
      dropped(unanswerable, Dropped.Reason.UNANSWERABLE);
    }
    if (outbox.takeClose()) {
      finishPoll(held, null);
      return;
    }
    byte[] message;
    try {
      message = takeMessage(held.admission().packer());
    } catch (Throwable e) {
      unpackable(e);
      return;
    }
    if (message != null) {
      finishPoll(held, message);
    } else if (!outbox.isEmpty()) {
      // Without what could not be packed, something else than an event may be next.
      answerPoll(held);
    }
  }

  /**
   * The next message; null where there is none, or none yet, since something was lost that the
   * packer of the client's connection cannot pack (K23).
   */
  private byte @Nullable [] takeMessage(Packer packer) {
    try {
      return outbox.takeMessage(packer);
    } catch (PackException e) {
      int unpackable = outbox.dropUnpackable(packer);
      if (unpackable == 0) {
        throw e;
      }
      dropped(unpackable, Dropped.Reason.UNPACKABLE);
      return null;
    }
  }

  /** What waits cannot be packed, though each message can: it is lost, with all behind it. */
  private void unpackable(Throwable e) {
    overflow(0);
    log.warn(
        "what waits for client {} cannot be packed by {}: {}",
        key.clientId(),
        packer().name(),
        e.toString());
    Router.throwIfOfTheMachine(e);
  }

  private void finishPoll(HeldPoll held, byte @Nullable [] message) {
    poll = null;
    if (message == null) {
      held.answerTimeout();
    } else {
      held.answer(message);
    }
    life.step(new Input.Gone(held.number()));
  }

  @Override
  public void connected() {}

  /**
   * A held poll was answered when the newer one came. An older WebSocket may still send, as in
   * Sente; it gets no pushes, and its keep-alive ends it.
   */
  @Override
  public void replaced(long connection) {
    var held = poll;
    if (held != null && held.number() == connection) {
      poll = null;
      held.answerTimeout();
    }
    if (socket != null && socket.number() == connection) {
      keepOlder();
    }
  }

  @Override
  public void ended() {
    isLeft = true;
    older.forEach(ClassicSocket::end);
    if (socket != null) {
      socket.end();
    }
    int lost = outbox.clear();
    if (lost > 0) {
      dropped(lost, Dropped.Reason.GONE);
    }
    sessions.ended(this);
  }

  @Override
  public void startAnew(long connection) {
    var opened = socket;
    if (opened != null && opened.number() == connection) {
      socket = null;
      opened.joinNewSession();
    }
    var held = poll;
    if (held != null && held.number() == connection) {
      poll = null;
      sessions.all().admitAgain(held.admission());
    }
  }

  private void dropped(int messages, Dropped.Reason reason) {
    var told = new Dropped(key.uid(), key.clientId(), messages, reason);
    inbox.lane().add(() -> sessions.all().tell(told));
  }
}
