package dev.sente.server.session;

import dev.sente.packer.Packer;
import dev.sente.packer.UnpackException;
import dev.sente.server.ServerOptions;
import dev.sente.server.channel.OutgoingMessage;
import dev.sente.server.channel.WebSocketConnection;
import dev.sente.server.channel.WebSocketListener;
import dev.sente.server.gate.Caller;
import dev.sente.wire.Frame;
import dev.sente.wire.StreamWire;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A WebSocket in v2: reads frames for its session. */
final class StreamSocket implements WebSocketListener, KeepAlive.Peer {

  private static final Logger log = LoggerFactory.getLogger(StreamSocket.class);

  private final StreamSessions sessions;
  private final ServerOptions options;
  private final Caller caller;
  private final Packer packer;

  /** Null once it is told: it may be large. Touched by the session's mailbox only. */
  private @Nullable Object handshakeData;

  private final long number;

  /** The session it wants to go on with; null to begin one. Written before it is used elsewhere. */
  private volatile @Nullable StreamSession session;

  /** Why it cannot go on with the session it asked for; null if it can, or asked for none. */
  private final @Nullable String lost;

  /** Set when the connection opens, before anything else; then never changed. */
  private @Nullable WebSocketConnection connection;

  private final KeepAlive keepAlive;
  private volatile boolean closed;

  /** The number of the last message that came here. Touched by the session's mailbox only. */
  private long position;

  /** Whether the client waits for a pong. Touched by the session's mailbox only. */
  private boolean isPinged;

  StreamSocket(
      StreamSessions sessions,
      @Nullable StreamSession session,
      @Nullable String lost,
      Caller caller,
      @Nullable Object handshakeData,
      long number) {
    this.sessions = sessions;
    this.options = sessions.all().options();
    this.session = session;
    this.lost = lost;
    this.caller = caller;
    this.packer = caller.packer();
    this.handshakeData = handshakeData;
    this.number = number;
    this.keepAlive =
        new KeepAlive(options.time(), pingInterval(options), options.webSocketPingTimeout(), this);
  }

  static Duration pingInterval(ServerOptions options) {
    return options.webSocketKeepAlive().dividedBy(2);
  }

  long number() {
    return number;
  }

  Caller caller() {
    return caller;
  }

  Packer packer() {
    return packer;
  }

  /** What the application has for the handshake, which is about to be sent. */
  @Nullable Object takeHandshakeData() {
    var data = handshakeData;
    handshakeData = null;
    return data;
  }

  /** Belongs to this session from now on, which the client does not know yet. */
  void begin(StreamSession fresh) {
    session = fresh;
    fresh.open(this, 0, false);
    if (closed) {
      fresh.gone(this);
    }
  }

  /** The client's first message on this connection follows this number (V6). */
  void startAt(long base) {
    position = base;
  }

  long nextNumber() {
    return ++position;
  }

  /**
   * The client has pinged. It is answered when the connection can take it: who pings on and on, and
   * reads nothing, gets one answer.
   */
  void pinged() {
    isPinged = true;
    requestWrite();
  }

  /** Whether the client is to be answered now. */
  boolean takePing() {
    boolean due = isPinged;
    isPinged = false;
    return due;
  }

  @Override
  public void onOpen(WebSocketConnection opened) {
    connection = opened;
    keepAlive.said();
    keepAlive.begin();
    var wanted = session;
    if (wanted == null) {
      sessions.beginUnlessLate(this, lost);
    } else {
      wanted.open(this, StreamSessions.receivedIn(caller), true);
    }
  }

  @Override
  public void onMessage(byte[] bytes, boolean binary) {
    keepAlive.heard();
    var mine = session;
    if (sessions.all().simulatesFailure() || mine == null) {
      terminate();
      return;
    }
    try {
      if (binary != packer().isBinary()) {
        throw new UnpackException("expected the packer's kind of message");
      }
      mine.received(this, StreamWire.read(packer(), bytes), packer().weight(bytes));
    } catch (UnpackException e) {
      log.debug("client {} broke the protocol: {}", caller.clientId(), e.getMessage());
      mine.broken(this, StreamSession.PROTOCOL_ERROR);
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
    var mine = session;
    if (mine == null) {
      close(StreamSession.TOO_LARGE);
    } else {
      mine.broken(this, StreamSession.TOO_LARGE);
    }
  }

  @Override
  public void onWritable() {
    var mine = session;
    if (mine != null) {
      mine.writable(this);
    }
  }

  @Override
  public void onClosed(int code, String reason) {
    closed = true;
    var mine = session;
    if (mine != null) {
      mine.gone(this);
    }
  }

  void requestWrite() {
    if (connection != null) {
      connection.requestWrite();
    }
  }

  void send(byte[] message) {
    if (connection != null) {
      keepAlive.said();
      if (sessions.all().simulatesFailure()) {
        connection.terminate();
      } else {
        connection.send(new OutgoingMessage(message, packer().isBinary()));
      }
    }
  }

  /** Tells why, and closes (V23). */
  void close(Frame.Close close) {
    if (connection != null) {
      try {
        send(StreamWire.close(packer(), close));
      } finally {
        connection.close(close.code(), close.reason());
      }
    }
  }

  /** The session is over: closes what is still open. */
  void end() {
    if (connection != null) {
      connection.close(1000, "");
    }
  }

  void setReading(boolean reading) {
    if (connection != null) {
      keepAlive.setReading(reading);
      connection.setReading(reading);
    }
  }

  private void terminate() {
    if (connection != null) {
      connection.terminate();
    }
  }

  @Override
  public boolean isClosed() {
    return closed;
  }

  @Override
  public void ping() {
    send(StreamWire.ping(packer()));
  }

  @Override
  public void isDead() {
    terminate();
  }
}
