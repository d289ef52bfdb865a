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
import dev.sente.server.session.Life.Input;
import dev.sente.server.session.Outbox.Item;
import dev.sente.server.users.Transport;
import dev.sente.server.users.UserClient;
import dev.sente.wire.Outgoing;
import dev.sente.wire.Reply;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One client in classic mode: for a {@link Lifetime}, what is sent to it ({@link ClassicSending}),
 * carried by its newest connection ({@link ClassicCarrier}). Here is what comes from outside, and
 * which of them it concerns. Everything happens in its mailbox; nothing there blocks or runs the
 * application's code.
 */
final class ClassicSession implements Lifetime.Session {

  private final ClassicSessions sessions;
  private final SessionKey key;
  private final ServerOptions options;
  private final Inbox inbox;
  private final Mailbox mailbox = new Mailbox();

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
  private final ClassicCarrier carrier;
  private final ClassicSending sending;
  private final Losses losses;

  ClassicSession(ClassicSessions sessions, SessionKey key, Inbox inbox, Caller first) {
    var all = sessions.all();
    this.sessions = sessions;
    this.key = key;
    this.address = first.address();
    this.options = all.options();
    this.inbox = inbox;
    this.caller = first;
    this.losses = new Losses(all, key, inbox);
    this.life = new Lifetime(all, this, mailbox, false);
    this.carrier = new ClassicCarrier(life, mailbox);
    this.sending = new ClassicSending(all, mailbox, life, carrier, losses);
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
    mailbox.post(carrier::answerPoll);
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
          carrier.become(opened);
          life.step(new Input.Opened(opened.number(), Transport.WEB_SOCKET));
          if (carrier.socket() == opened) {
            if (!sending.isEmpty()) {
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
    var older = carrier.keepOlder();
    if (older != null && sending.forgetCloses()) {
      older.close(1000, "");
    }
  }

  /** A poll has come. */
  void opened(HeldPoll opened) {
    adopt(opened.admission().caller());
    mailbox.post(
        () -> {
          if (carrier.socket() != null && opened.isGone(carrier)) {
            return;
          }
          carrier.become(opened);
          life.step(new Input.Opened(opened.number(), Transport.AJAX));
          if (carrier.poll() == opened) {
            carrier.hold(opened, options.longPollTimeout());
            sending.answer(opened);
          }
          removeIfSignedOut(opened.admission().caller());
          closeIfGoingAway();
        });
  }

  /** A WebSocket is closed. */
  void gone(ClassicSocket closed) {
    mailbox.post(
        () -> {
          if (carrier.closed(closed)) {
            sending.forgetCloses();
          }
          closed.readNoMore();
          losses.tellIfAny(closed.clearAnswers(), Dropped.Reason.UNANSWERABLE);
          life.step(new Input.Gone(closed.number()));
        });
  }

  @Override
  public void push(List<Outgoing> events, boolean flush, List<UserClient> to) {
    var packer = packer();
    var items = new ArrayList<Item>(events.size());
    for (var event : events) {
      items.add(new Item.Push(event, size(event, packer)));
    }
    mailbox.post(() -> sending.push(items, flush));
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
          if (asked.isOpen() && carrier.socket() != asked) {
            if (!asked.answer(item)) {
              losses.tell(asked.clearAnswers() + 1, Dropped.Reason.OVERFLOW);
              asked.close(4001, "too slow");
            }
          } else if (life.isEnded()) {
            losses.tell(1, Dropped.Reason.UNANSWERABLE);
          } else {
            sending.send(item);
          }
        });
  }

  @Override
  public void close() {
    mailbox.post(
        () -> {
          carrier.closeOlder(1000, "");
          if (life.isLive() && !sending.closeAfterAll()) {
            carrier.close(1000, "");
          }
        });
  }

  @Override
  public void remove(int code, String reason) {
    mailbox.post(() -> removeWith(code, reason));
  }

  private void removeWith(int code, String reason) {
    carrier.close(code, reason);
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
      carrier.close(1001, "going away");
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

  /** Writes the next message: the connection can take it. */
  void writable(ClassicSocket writable) {
    mailbox.post(
        () -> {
          if (carrier.socket() == writable) {
            sending.writeTo(writable);
          } else {
            writable.sendAnswer();
          }
        });
  }

  // Its life.

  @Override
  public void connected() {}

  /**
   * A held poll was answered when the newer one came. An older WebSocket may still send, as in
   * Sente; it gets no pushes, and its keep-alive ends it.
   */
  @Override
  public void replaced(long connection) {
    var held = carrier.takePoll(connection);
    if (held != null) {
      held.answerTimeout();
    }
    var open = carrier.socket();
    if (open != null && open.number() == connection) {
      keepOlder();
    }
  }

  @Override
  public void ended() {
    isLeft = true;
    carrier.end();
    sending.end();
    sessions.ended(this);
  }

  @Override
  public void startAnew(long connection) {
    var opened = carrier.takeSocket(connection);
    if (opened != null) {
      opened.joinNewSession();
    }
    var held = carrier.takePoll(connection);
    if (held != null) {
      sessions.all().admitAgain(held.admission());
    }
  }
}
