package dev.sente.server.session;

import dev.sente.packer.PackException;
import dev.sente.packer.PackedValue;
import dev.sente.packer.Packer;
import dev.sente.packer.UnpackException;
import dev.sente.server.ServerOptions;
import dev.sente.server.channel.OutgoingMessage;
import dev.sente.server.channel.WebSocketConnection;
import dev.sente.server.channel.WebSocketListener;
import dev.sente.server.gate.Caller;
import dev.sente.server.router.Answer;
import dev.sente.wire.ClassicMessage;
import dev.sente.wire.ClassicWire;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A WebSocket in classic mode: reads messages for its session, and stops reading from a client
 * whose handlers are behind.
 */
final class ClassicSocket implements WebSocketListener, KeepAlive.Peer {

  private static final Logger log = LoggerFactory.getLogger(ClassicSocket.class);

  /** A connection with more unreadable messages than this is closed. */
  private static final int MAX_BAD_MESSAGES = 100;

  private final ClassicSessions sessions;
  private final ServerOptions options;
  private final Caller caller;

  /** To be sent at the opening; empty from then on. */
  private byte[] handshake;

  private final long number;

  /** Set when the connection opens, before anything else; then never changed. */
  private @Nullable WebSocketConnection connection;

  /** The session it belongs to. Written by its own session's mailbox and at the opening. */
  private volatile ClassicSession session;

  private final KeepAlive keepAlive;
  private volatile boolean closed;

  /** Whether its session has ended: what still comes is nobody's. */
  private volatile boolean isOver;

  /** Touched by its session's mailbox only. */
  private final Reading reading = new Reading(this::roomAgain);

  /** Touched by the adapter's calls only. */
  private int badMessages;

  /**
   * Answers to what was asked here, while a newer connection has the pushes; made with the first.
   * Touched by the session's mailbox only.
   */
  private @Nullable Outbox answers;

  ClassicSocket(
      ClassicSessions sessions,
      ClassicSession session,
      Caller caller,
      byte[] handshake,
      long number) {
    this.sessions = sessions;
    this.options = sessions.all().options();
    this.session = session;
    this.caller = caller;
    this.handshake = handshake;
    this.number = number;
    this.keepAlive =
        new KeepAlive(
            options.time(),
            options.webSocketKeepAlive().dividedBy(2),
            options.webSocketPingTimeout(),
            this);
  }

  long number() {
    return number;
  }

  Packer packer() {
    return caller.packer();
  }

  ClassicSession session() {
    return session;
  }

  boolean isOpen() {
    return connection != null && !closed;
  }

  @Override
  public void onOpen(WebSocketConnection opened) {
    connection = opened;
    keepAlive.begin();
    send(handshake);
    handshake = new byte[0];
    session.opened(this, caller);
  }

  @Override
  public void onMessage(byte[] bytes, boolean binary) {
    keepAlive.heard();
    if (isOver) {
      return;
    }
    if (sessions.all().simulatesFailure()) {
      terminate();
      return;
    }
    ClassicMessage message;
    try {
      if (binary != packer().isBinary()) {
        throw new UnpackException(
            "expected a " + (packer().isBinary() ? "binary" : "text") + " message");
      }
      message = ClassicWire.read(packer(), bytes);
    } catch (UnpackException e) {
      unreadable(e);
      return;
    }
    int size = packer().weight(bytes);
    switch (message) {
      case ClassicMessage.Ping(var callback) -> {
        if (callback != null) {
          pong(callback);
        }
      }
      case ClassicMessage.Pong pong -> {}
      case ClassicMessage.ClientEvent event -> {
        sessions.deliver(session, caller, event, answerOrNull(event), size);
        stopWhereFull();
      }
      case ClassicMessage.BadEvent bad -> {
        sessions.deliverBad(session, caller, bad.given(), answerOrNull(bad), size);
        stopWhereFull();
      }
    }
  }

  private void pong(Object callback) {
    try {
      answerTo(callback).value("pong");
    } catch (PackException e) {
      log.debug("client {} cannot be sent a pong", caller.clientId(), e);
    }
  }

  private @Nullable Answer answerOrNull(ClassicMessage message) {
    var callback = message.callback();
    return callback == null ? null : answerTo(callback);
  }

  private Answer answerTo(Object callback) {
    return new SocketAnswer(this, callback);
  }

  private void unreadable(UnpackException e) {
    badMessages++;
    if (badMessages == 1) {
      log.debug("client {} sent an unreadable message: {}", caller.clientId(), e.getMessage());
    }
    if (badMessages > MAX_BAD_MESSAGES) {
      close(4501, "protocol error");
    } else {
      sessions.deliverBad(session, caller, PackedValue.of(null), null, 0);
      stopWhereFull();
    }
  }

  @Override
  public void onArriving() {
    keepAlive.arriving();
  }

  @Override
  public void onOversized() {
    log.debug(
        "client {} sent a message of more than {} bytes",
        caller.clientId(),
        options.maxMessageBytes());
    close(4503, "message too large");
  }

  @Override
  public void onWritable() {
    session.writable(this);
  }

  @Override
  public void onClosed(int code, String reason) {
    closed = true;
    session.gone(this);
  }

  /** The session it opened for has ended meanwhile; it begins another. */
  void joinNewSession() {
    var fresh = sessions.sessionFor(caller);
    if (fresh == null) {
      close(4000, "too many clients");
      return;
    }
    session = fresh;
    fresh.opened(this, caller);
    fresh.begin();
    if (closed) {
      fresh.gone(this);
    }
  }

  /**
   * Takes an answer to what was asked here, although a newer connection has the pushes.
   *
   * @return false if too much waits: the client reads nothing
   */
  boolean answer(Outbox.Item.Whole answer) {
    if (answers == null) {
      answers = new Outbox(options);
    }
    requestWrite();
    return answers.add(answer);
  }

  /** Sends the next of those answers: the connection can take it. */
  void sendAnswer() {
    var waiting = answers;
    byte[] message = waiting == null ? null : waiting.takeMessage(packer());
    if (message != null) {
      send(message);
      requestWrite();
    }
  }

  /** Forgets those that wait, and tells how many. */
  int clearAnswers() {
    return answers == null ? 0 : answers.clear();
  }

  void requestWrite() {
    if (connection != null) {
      connection.requestWrite();
    }
  }

  void send(byte[] message) {
    if (connection != null) {
      if (sessions.all().simulatesFailure()) {
        connection.terminate();
      } else {
        connection.send(new OutgoingMessage(message, packer().isBinary()));
      }
    }
  }

  void close(int code, String reason) {
    if (connection != null) {
      connection.close(code, reason);
    }
  }

  /** The session it belongs to has ended (K26). */
  void end() {
    isOver = true;
    close(1000, "");
  }

  void terminate() {
    if (connection != null) {
      connection.terminate();
    }
  }

  private void stopWhereFull() {
    if (!session.inbox().hasRoom(false)) {
      session.inOrder(this::readOrNot);
    }
  }

  private void roomAgain() {
    session.inOrder(
        () -> {
          reading.hasRoom();
          readOrNot();
        });
  }

  /** Reads no further while too many of the client's events wait (K27). In the mailbox. */
  void readOrNot() {
    if (isOpen() && connection != null && reading.decide(session.inbox(), false)) {
      keepAlive.setReading(!reading.isStopped());
      connection.setReading(!reading.isStopped());
    }
  }

  /** It is closed. In the mailbox. */
  void readNoMore() {
    reading.end();
  }

  @Override
  public boolean isClosed() {
    return closed;
  }

  @Override
  public void ping() {
    send(ClassicWire.ping(packer()));
  }

  @Override
  public void isDead() {
    close(1000, "");
  }

  /** Where an answer over this WebSocket goes. */
  private static final class SocketAnswer implements Answer {
    private final ClassicSocket socket;
    private final Object callback;
    private final AtomicBoolean answered = new AtomicBoolean();

    SocketAnswer(ClassicSocket socket, Object callback) {
      this.socket = socket;
      this.callback = callback;
    }

    @Override
    public boolean value(@Nullable Object value) {
      var answer = ClassicWire.reply(value, callback, socket.options.maxMessageBytes());
      int size = answer.weightBy(socket.packer());
      if (!answered.compareAndSet(false, true)) {
        return false;
      }
      var session = socket.session;
      session.reply(socket, answer, size);
      return socket.isOpen() || !session.isLeft();
    }

    @Override
    public boolean error(String code, @Nullable String message) {
      return value(ClassicWire.error(code, message));
    }
  }
}
