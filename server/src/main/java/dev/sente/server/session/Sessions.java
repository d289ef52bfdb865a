package dev.sente.server.session;

import dev.sente.packer.PackException;
import dev.sente.packer.PackedValue;
import dev.sente.server.Dropped;
import dev.sente.server.ServerOptions;
import dev.sente.server.gate.Admission;
import dev.sente.server.gate.Caller;
import dev.sente.server.router.Answer;
import dev.sente.server.router.IncomingEvent;
import dev.sente.server.router.Router;
import dev.sente.server.users.Transport;
import dev.sente.server.users.Users;
import dev.sente.wire.ClassicWire;
import dev.sente.wire.Frame;
import dev.sente.wire.SessionInfo;
import dev.sente.wire.StreamWire;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All sessions, of both modes, and what they share. */
public final class Sessions {

  private static final Logger log = LoggerFactory.getLogger(Sessions.class);

  /** What a client has at least to come with its first poll after its handshake. */
  private static final Duration FIRST_CONNECTION = Duration.ofSeconds(5);

  /** Takes as many bytes in a handshake as any. */
  private static final SessionInfo LONGEST =
      new SessionInfo(
          "x".repeat(22),
          Long.MAX_VALUE,
          false,
          "unknown-session",
          Long.MAX_VALUE,
          Long.MAX_VALUE,
          Integer.MAX_VALUE);

  private final ServerOptions options;
  private final Router router;
  private final Users users;
  private final Headcount headcount;
  private final Lanes lanes;
  private final SignOuts signOuts;
  private final BatchWindow webSocketWindow;
  private final BatchWindow ajaxWindow;
  private final ClassicSessions classic = new ClassicSessions(this);
  private final StreamSessions streams = new StreamSessions(this);
  private final AtomicLong connections = new AtomicLong();

  /** The share of messages at which a failure is simulated. */
  private volatile double failureRate;

  /** Over how long clients are to come back, while no new connections are taken; else null. */
  private volatile @Nullable Duration leavingOver;

  /** Set once, when it is for good: no session outlives its connection any more. */
  private volatile boolean isStopped;

  /** No sessions yet. */
  public Sessions(ServerOptions options, Router router, Users users) {
    this.options = options;
    this.router = router;
    this.users = users;
    this.headcount = new Headcount(options);
    this.lanes = new Lanes(options);
    this.signOuts = new SignOuts(options.time());
    this.webSocketWindow = new BatchWindow(options.time(), options.webSocketBatchWindow());
    this.ajaxWindow = new BatchWindow(options.time(), options.ajaxBatchWindow());
  }

  ServerOptions options() {
    return options;
  }

  Users users() {
    return users;
  }

  Headcount headcount() {
    return headcount;
  }

  Lanes lanes() {
    return lanes;
  }

  /** Who was signed out lately. */
  public SignOuts signOuts() {
    return signOuts;
  }

  /** How long events gather that leave by this transport. */
  BatchWindow window(Transport transport) {
    return transport == Transport.WEB_SOCKET ? webSocketWindow : ajaxWindow;
  }

  /** Simulates bad connections: this share of messages, 0 to 1, ends its connection instead. */
  public void simulateFailures(double rate) {
    failureRate = rate;
  }

  boolean simulatesFailure() {
    return failureRate > 0 && options.random().nextDouble() < failureRate;
  }

  /** Ends all connections, takes no new ones, and ends each session after its connection. */
  public void stop() {
    isStopped = true;
    // Those whom a drain just before is to spread may not have been told yet.
    var over = leavingOver;
    drain(over == null ? Duration.ZERO : over);
  }

  boolean isStopped() {
    return isStopped;
  }

  /**
   * Ends all connections and takes no new ones, v2's clients told to come back at moments spread
   * over this time.
   */
  public void drain(Duration over) {
    leavingOver = over;
    classic.values().forEach(ClassicSession::leaveIfGoingAway);
    streams.values().forEach(StreamSession::leave);
  }

  /** What connections are closed with now; null where they may stay. */
  Frame.@Nullable Close goingAway() {
    var over = leavingOver;
    if (over == null) {
      return null;
    }
    long millis = Math.min(TimeUnit.MILLISECONDS.convert(over), Integer.MAX_VALUE);
    long retry = millis == 0 ? 0 : options.random().nextLong(millis + 1);
    return new Frame.Close(4000, "going away", retry);
  }

  /** Takes connections again. */
  public void undrain() {
    if (!isStopped) {
      leavingOver = null;
    }
  }

  /**
   * Takes a request that the gate let in. Runs the handshake hook; where that fails, answers 500.
   */
  public void admit(Admission admission) {
    try {
      if (leavingOver != null) {
        admission.refuse(503, "Going away");
      } else if (simulatesFailure()) {
        admission.refuse(503, "Simulated failure");
      } else if (admission.isStream()) {
        streams.admit(admission);
      } else {
        classic.admit(admission);
      }
    } catch (Throwable e) {
      failed(admission, e);
    }
  }

  /** The same, once more: what it was admitted to has changed meanwhile. */
  void admitAgain(Admission admission) {
    later(admission, () -> admit(admission));
  }

  /** Goes on with a request where the application's hooks may block. */
  void later(Admission admission, Runnable task) {
    options
        .executor()
        .execute(
            () -> {
              try {
                task.run();
              } catch (Throwable e) {
                failed(admission, e);
              }
            });
  }

  /** Any error may be a hook's own, and no request may go without an answer. */
  private void failed(Admission admission, Throwable error) {
    try {
      router.logFailure("a request", "client " + admission.clientId(), error);
    } finally {
      admission.refuse(500, "Internal error");
    }
    Router.throwIfOfTheMachine(error);
  }

  /**
   * Asks the handshake hook, and makes sure that its answer can be packed, and its frame is not
   * larger than the client reads (V4).
   */
  @Nullable Object handshakeData(Admission admission) {
    var data = options.handshakeData().apply(admission.request());
    if (data != null) {
      int size =
          admission.isStream()
              ? StreamWire.handshake(admission.packer(), admission.uid(), data, LONGEST).length
              : ClassicWire.handshake(admission.packer(), admission.uid(), data).length;
      if (size > options.maxMessageBytes()) {
        throw new PackException(
            "expected a handshake of at most "
                + options.maxMessageBytes()
                + " bytes, was one of "
                + size);
      }
    }
    return data;
  }

  /**
   * How long a session waits for its first connection. Its client must have the time to come back
   * with a poll, or it would be given one session after the other.
   */
  static Duration firstConnectionWithin(ServerOptions options) {
    var grace = options.ajaxReconnectGrace();
    return grace.compareTo(FIRST_CONNECTION) > 0 ? grace : FIRST_CONNECTION;
  }

  long nextConnection() {
    return connections.incrementAndGet();
  }

  HeldPoll held(Admission admission) {
    return new HeldPoll(nextConnection(), admission);
  }

  void tell(Dropped dropped) {
    try {
      options.onDropped().accept(dropped);
    } catch (Throwable e) {
      Router.throwIfOfTheMachine(e);
      log.error("the listener for dropped messages failed", e);
    }
  }

  /** Hands an event of so many bytes to the router, after the client's earlier ones. */
  void deliver(Inbox inbox, IncomingEvent event, int size) {
    inbox.add(() -> router.handle(event), size);
  }

  static IncomingEvent incoming(
      String id, PackedValue data, Caller caller, @Nullable Answer answer) {
    return new IncomingEvent(id, data, caller.uid(), caller.clientId(), caller.request(), answer);
  }
}
