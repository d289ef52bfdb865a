package dev.sente.client.session;

import dev.sente.client.ClientOptions;
import dev.sente.client.ClientState;
import dev.sente.client.CloseReason;
import dev.sente.client.Protocol;
import dev.sente.client.TransportType;
import dev.sente.client.session.Life.Close;
import dev.sente.client.session.Life.Effect;
import dev.sente.client.session.Life.Input;
import dev.sente.client.session.Life.Moment;
import dev.sente.client.session.Life.Phase;
import dev.sente.event.Event;
import dev.sente.event.EventIds;
import dev.sente.mailbox.Mailbox;
import dev.sente.time.Time;
import dev.sente.wire.Reply;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HexFormat;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The shell around {@link Life}: runs its steps one after the other and carries out their effects.
 * Everything happens in the mailbox; nothing there blocks or runs the application's code.
 */
public final class ClientSession {

  private static final int CLIENT_ID_BYTES = 16;

  /**
   * To wait for longer is to wait for ever; in milliseconds this is far from where a sum overflows.
   */
  private static final Duration LONGEST_WAIT = Duration.ofDays(365_000);

  /**
   * How long a probe may take to bring a handshake, at most. Polls wait meanwhile (V15), and after
   * 5 s without one the server takes the user for absent (K22).
   */
  private static final Duration LONGEST_PROBE = Duration.ofSeconds(3);

  private final ClientOptions options;
  private final String clientId;
  private final Mailbox mailbox = new Mailbox();
  private final Handlers handlers;
  private final Failures failures;
  private final Inbox inbox;
  private final Conversation conversation;

  /** What the application is told. Written by the mailbox. */
  private volatile ClientState state;

  /** Where it is. Written by the mailbox. */
  private volatile Phase phase;

  private volatile boolean closed;

  // What follows is touched by the mailbox only.
  private Life life;

  /** Inputs that came while a step was under way. */
  private final ArrayDeque<Input> inputs = new ArrayDeque<>(2);

  private boolean stepping;

  /** The connection, or the attempt at one. */
  private @Nullable Attempt main;

  /** A WebSocket tried beside it. */
  private @Nullable Attempt probe;

  private Time.@Nullable Alarm waitAlarm;
  private Time.@Nullable Alarm probeAlarm;

  /**
   * A client that is not connected.
   *
   * @throws IllegalArgumentException if the URI is none that can be connected to
   */
  public ClientSession(URI uri, ClientOptions options) {
    this.options = options;
    var given = options.clientId();
    this.clientId = given == null ? randomId(options) : given;
    this.handlers = new Handlers(options.onError());
    this.failures = new Failures(handlers);
    this.inbox = new Inbox(this::execute, () -> mailbox.post(this::resume));
    var host =
        new Host(
            options,
            Target.of(uri),
            clientId,
            mailbox,
            this::execute,
            inbox,
            handlers,
            failures,
            this::flush);
    this.conversation =
        options.protocol() == Protocol.V2
            ? new StreamConversation(host)
            : new ClassicConversation(host);
    this.life = Life.begin(options.type(), conversation.resumes());
    this.state = life.state();
    this.phase = life.phase();
  }

  private static String randomId(ClientOptions options) {
    var bits = new byte[CLIENT_ID_BYTES];
    options.random().nextBytes(bits);
    return HexFormat.of().formatHex(bits);
  }

  /** What it was told. */
  public ClientOptions options() {
    return options;
  }

  /** Its state now. */
  public ClientState state() {
    return state;
  }

  /** Its name. */
  public String clientId() {
    return clientId;
  }

  /** The application's code. */
  public Handlers handlers() {
    return handlers;
  }

  /** Queues an event; false if it was not taken. */
  public boolean send(Event event) {
    checkId(event);
    if (isAvailable()) {
      return conversation.send(event);
    }
    conversation.check(event);
    return false;
  }

  /** Queues an event that is answered. */
  public CompletableFuture<Reply> request(Event event, Duration timeout) {
    checkId(event);
    if (timeout.isNegative()) {
      throw new IllegalArgumentException("timeout must not be negative, was " + timeout);
    }
    if (!isAvailable()) {
      conversation.check(event);
      return CompletableFuture.completedFuture(
          phase instanceof Phase.Refused
              ? new Reply.Refused("the server refused the connection")
              : new Reply.Closed());
    }
    var future = new CompletableFuture<Reply>();
    conversation.request(
        event, timeout.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : timeout, future);
    return future;
  }

  /** Completed with true once the server has what was sent before. */
  public CompletableFuture<Boolean> delivered() {
    var future = new CompletableFuture<Boolean>();
    conversation.delivered(future);
    return future;
  }

  private static void checkId(Event event) {
    if (EventIds.isProtocol(event.id())) {
      throw new IllegalArgumentException(
          "ids in the namespace chsk belong to the protocol, was " + event.id());
    }
  }

  /** Whether what is sent can leave, now or later. */
  private boolean isAvailable() {
    return !(phase instanceof Phase.Idle || phase instanceof Phase.Refused);
  }

  /** Connects, where it is not about to. */
  public void connect() {
    takeUnlessClosed(new Input.Connect());
  }

  /** Connects anew. */
  public void reconnect() {
    takeUnlessClosed(new Input.Reconnect());
  }

  private void takeUnlessClosed(Input input) {
    if (closed) {
      throw new IllegalStateException("the client was closed");
    }
    mailbox.post(
        () -> {
          // It may have been closed since, by another thread: that is for good.
          if (!closed) {
            take(input);
          }
        });
  }

  /** Ends the connection and the session. */
  public void disconnect() {
    mailbox.post(
        () -> {
          if (main != null && main.connection != null) {
            main.connection.farewell();
          }
          take(new Input.Disconnect());
          conversation.end();
        });
  }

  /** The same, for good. */
  public void close() {
    closed = true;
    disconnect();
  }

  /** The machine's network has changed. */
  public void networkChanged() {
    mailbox.post(() -> take(new Input.NetworkChanged()));
  }

  /** Breaks the connection, for tests. */
  public void breakConnection(boolean close) {
    mailbox.post(
        () -> {
          var broken = main;
          if (broken == null || broken.connection == null) {
            return;
          }
          main = null;
          broken.beQuiet();
          if (close) {
            broken.connection.close(3000, "CLOSE_ABNORMAL");
          } else {
            broken.connection.abandon();
          }
          boolean isClean = close && state.type() == TransportType.WS;
          var end =
              isClean
                  ? new Close(CloseReason.CLEAN, 3000, null, 0)
                  : new Close(CloseReason.UNEXPECTED);
          take(new Input.Closed(broken.number, end));
        });
  }

  /**
   * Runs the application's code on its executor. What that rejects, or runs on the thread that
   * brings it, as a full pool does, runs on a virtual thread: to wait for the next task might be to
   * wait for ever, and in the mailbox nothing that the code waits for would come. So does what it
   * fails at, as a pool that gets no more threads: the lane would wait for that task for ever.
   */
  private void execute(Runnable task) {
    var handOver = new HandOver(task);
    try {
      options.executor().execute(handOver);
      handOver.isDone = true;
    } catch (RuntimeException | Error e) {
      handlers.report(e, "executor");
      handOver.runElsewhere();
    }
  }

  /** A task for another thread than its giver's, once. Its flag is its giver's thread's. */
  private static final class HandOver implements Runnable {
    private final Runnable task;
    private final Thread giver = Thread.currentThread();

    /** A pool may have taken it in all the same, though it failed at it. */
    private final AtomicBoolean isBegun = new AtomicBoolean();

    private boolean isDone;

    HandOver(Runnable task) {
      this.task = task;
    }

    @Override
    public void run() {
      if (Thread.currentThread().equals(giver) && !isDone) {
        runElsewhere();
      } else if (!isBegun.getAndSet(true)) {
        task.run();
      }
    }

    void runElsewhere() {
      if (!isBegun.getAndSet(true)) {
        Thread.ofVirtual().start(task);
      }
    }
  }

  /** Something waits for the connection that there may be. */
  private void flush() {
    if (main != null && main.connection != null) {
      var connection = main.connection;
      connection.flush();
      // A request among it lets more wait for handlers, since one of them may wait for its answer.
      connection.resume();
    }
  }

  /** Handlers have caught up. */
  private void resume() {
    if (main != null && main.connection != null) {
      main.connection.resume();
    }
    if (probe != null && probe.connection != null) {
      probe.connection.resume();
    }
  }

  /** The one door for all inputs: steps and their effects never run within each other. */
  private void take(Input input) {
    inputs.add(input);
    if (stepping) {
      return;
    }
    stepping = true;
    try {
      for (var next = inputs.poll(); next != null; next = inputs.poll()) {
        step(next);
      }
    } finally {
      stepping = false;
    }
  }

  // Two losses may be equal; each is a change of its own.
  @SuppressWarnings("ReferenceEquality")
  private void step(Input input) {
    var time = options.time();
    var previous = life;
    var step =
        previous.step(
            input,
            new Moment(time.millis(), options.dates().instant(), options.random().nextDouble()));
    life = step.next();
    state = life.state();
    phase = life.phase();
    if (previous.phase() instanceof Phase.Idle && !(phase instanceof Phase.Idle)) {
      conversation.begin();
    }
    for (var effect : step.effects()) {
      perform(effect);
    }
    boolean isAway = phase instanceof Phase.Refused;
    if ((previous.state().open() && !life.state().open())
        || (isAway && !(previous.phase() instanceof Phase.Refused))) {
      // After the connection was dropped, so that it takes nothing more out of the queue.
      conversation.interrupted(isAway);
    }
    var told = life.state();
    var before = previous.state();
    if (told != before) {
      inbox.add(() -> handlers.changed(told, before));
    }
  }

  private void perform(Effect effect) {
    switch (effect) {
      case Effect.Open(long number, TransportType type, boolean hasFallback) ->
          open(new Attempt(number, hasFallback), type);
      case Effect.Drop() -> {
        drop(main);
        main = null;
        dropProbe();
      }
      case Effect.Adopt() -> {
        drop(main);
        main = probe;
        probe = null;
      }
      case Effect.DropProbe() -> dropProbe();
      case Effect.ProbeIn(long millis) -> {
        cancel(probeAlarm);
        probeAlarm = after(millis, new Input.ProbeDue());
      }
      case Effect.Wait(long millis) -> waitAlarm = after(millis, new Input.TimeUp());
      case Effect.StopWaiting() -> {
        cancel(waitAlarm);
        waitAlarm = null;
      }
      case Effect.Flush() -> {
        if (main != null) {
          main.beQuiet();
        }
        flush();
      }
      case Effect.Check() -> {
        if (main != null && main.connection != null) {
          main.connection.check();
        }
      }
    }
  }

  private Time.Alarm after(long millis, Input input) {
    return options.time().after(Duration.ofMillis(millis), () -> mailbox.post(() -> take(input)));
  }

  private static void cancel(Time.@Nullable Alarm alarm) {
    if (alarm != null) {
      alarm.cancel();
    }
  }

  private void dropProbe() {
    cancel(probeAlarm);
    probeAlarm = null;
    drop(probe);
    probe = null;
  }

  private static void drop(@Nullable Attempt attempt) {
    if (attempt != null) {
      attempt.over = true;
      attempt.beQuiet();
      if (attempt.connection != null) {
        attempt.connection.close(1000, "CLOSE_NORMAL");
      }
    }
  }

  private void open(Attempt attempt, TransportType type) {
    var patience = options.handshakeTimeout().multipliedBy(attempt.hasFallback ? 1 : 4);
    if (life.probe() == attempt.number) {
      probe = attempt;
      patience = patience.compareTo(LONGEST_PROBE) < 0 ? patience : LONGEST_PROBE;
    } else {
      main = attempt;
    }
    attempt.patience =
        options
            .time()
            .after(
                patience,
                () -> mailbox.post(() -> attempt.closed(new Close(CloseReason.HANDSHAKE_TIMEOUT))));
    execute(() -> ask(attempt, type));
  }

  /** Asks the application what the requests are to carry, and goes on in the mailbox. */
  private void ask(Attempt attempt, TransportType type) {
    try {
      var access = Access.of(options);
      mailbox.post(() -> open(attempt, type, access));
    } catch (RuntimeException e) {
      handlers.report(e, "connect");
      mailbox.post(() -> attempt.closed(new Close(CloseReason.UNEXPECTED)));
    }
  }

  private void open(Attempt attempt, TransportType type, Access access) {
    if (attempt.over) {
      return;
    }
    attempt.access = access;
    try {
      attempt.connection = conversation.open(type, attempt);
    } catch (RuntimeException e) {
      handlers.report(e, "connect");
      attempt.closed(new Close(CloseReason.UNEXPECTED));
    }
  }

  /** An attempt at a connection, and what came of it. Touched by the mailbox only. */
  private final class Attempt implements Link {
    final long number;
    final boolean hasFallback;
    @Nullable Access access;
    @Nullable Connection connection;

    /** Goes off if no handshake comes. */
    Time.@Nullable Alarm patience;

    boolean over;

    Attempt(long number, boolean hasFallback) {
      this.number = number;
      this.hasFallback = hasFallback;
    }

    /** Waits no more for the handshake. */
    void beQuiet() {
      cancel(patience);
      patience = null;
    }

    @Override
    public Access access() {
      if (access == null) {
        throw new IllegalStateException("asked before it is known");
      }
      return access;
    }

    @Override
    public boolean hasFallback() {
      return hasFallback;
    }

    @Override
    public boolean isProbe() {
      return this == probe;
    }

    @Override
    public void opened(Greeting greeting) {
      failures.over();
      take(new Input.Opened(number, greeting));
    }

    @Override
    public void closed(Close close) {
      take(new Input.Closed(number, close));
    }
  }
}
