package dev.sente.client.session;

import dev.sente.client.CloseReason;
import dev.sente.client.net.Socket;
import dev.sente.client.net.SocketListener;
import dev.sente.client.session.Life.Close;
import dev.sente.packer.UnpackException;
import dev.sente.time.Time;
import dev.sente.wire.Frame;
import dev.sente.wire.StreamWire;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A WebSocket in v2. Touched by the mailbox only; its listener goes there first. */
final class StreamSocket implements Connection {

  private static final Duration ACKNOWLEDGE_WITHIN = Duration.ofSeconds(1);

  /** RFC 6455: closed for a message that is too large to be processed. */
  private static final int TOO_LARGE = 1009;

  private final StreamConversation stream;
  private final Host host;
  private final Link link;
  private Socket socket;

  /** The number of the last message that came here (V6). */
  private long position;

  /** Whether the WebSocket is open, and whether the server has shaken hands. */
  private boolean connected;

  private boolean open;
  private boolean ended;

  /** Whether a message is on its way into the network; the next one waits for it. */
  private boolean sending;

  // What is to be said besides messages; each at most once at a time.
  private boolean pongDue;
  private boolean pingDue;
  private boolean ackDue;

  /** Whether the next message waits for room in the inbox. */
  private boolean paused;

  /**
   * How often to say that it is there while it does not read, in ms; 0 for never (V22). The server
   * pings whenever it likes and wants to hear something within the time-out after that.
   */
  private long pongMillis;

  /** When something was said last. */
  private long said;

  /** How long the server may be silent, in ms, and when it was last heard; 0 for ever (V22). */
  private long silenceMillis;

  private long heard;
  private Time.@Nullable Alarm watch;
  private Time.@Nullable Alarm ackAlarm;

  private StreamSocket(StreamConversation stream, Link link) {
    this.stream = stream;
    this.host = stream.host();
    this.link = link;
    this.position = stream.inbound().received();
    stream.inbound().tell();
    var call = StreamCalls.webSocket(host, link.access(), stream.token(), position);
    this.socket = host.options().network().open(call, new Listener());
  }

  static StreamSocket open(StreamConversation stream, Link link) {
    var opened = new StreamSocket(stream, link);
    // Where that fails there is nobody to settle it.
    stream.beginOpening();
    opened.socket.request();
    return opened;
  }

  /** Takes what the network tells to the mailbox. */
  private final class Listener implements SocketListener {

    private void post(Runnable task) {
      host.mailbox()
          .post(
              () -> {
                if (!ended) {
                  task.run();
                }
              });
    }

    @Override
    public void onOpen(String subprotocol) {
      post(
          () -> {
            if (subprotocol.equals(StreamCalls.SUBPROTOCOL)) {
              connected = true;
            } else {
              protocolError(StreamCalls.withoutV2());
            }
          });
    }

    @Override
    public void onMessage(byte[] message, boolean isBinary) {
      post(() -> received(message, isBinary));
    }

    @Override
    public void onOversized() {
      post(
          () ->
              protocolError(
                  new BrokenProtocolException(
                      "a frame of more than " + host.options().maxMessageBytes() + " bytes")));
    }

    @Override
    public void onClosed(int code, String reason) {
      post(() -> closed(code));
    }

    @Override
    public void onFailed(int status, long retryAfterMillis, @Nullable Throwable cause) {
      post(() -> link.closed(host.failed(status, retryAfterMillis, cause, "connect")));
    }
  }

  private void received(byte[] message, boolean isBinary) {
    heard = host.options().time().millis();
    try {
      if (isBinary != stream.packer().isBinary()) {
        throw new UnpackException("expected the packer's kind of message");
      }
      receive(StreamWire.read(stream.packer(), message), message.length);
    } catch (UnpackException | BrokenProtocolException e) {
      protocolError(e);
      return;
    }
    if (!ended) {
      next();
    }
  }

  /** Asks for the next message, unless handlers are behind. */
  private void next() {
    boolean wasPaused = paused;
    paused = host.isInboxFull(stream.isWaiting());
    if (!paused) {
      socket.request();
    } else if (!wasPaused && pongMillis > 0) {
      // However often it pauses and goes on, there is no longer silence.
      watchFor(Math.clamp(said + pongMillis - host.options().time().millis(), 1, pongMillis));
    }
  }

  private void receive(Frame frame, int size) {
    switch (frame) {
      case Frame.Handshake handshake -> shakeHands(handshake);
      case Frame.Batch batch -> {
        if (!open) {
          throw new BrokenProtocolException("a message before the handshake");
        }
        for (var message : batch.messages()) {
          if (stream.inbound().accept(++position)) {
            stream.deliver(message, size / batch.messages().size());
          }
        }
        acknowledge();
      }
      case Frame.Ack ack -> stream.acknowledged(ack.received());
      case Frame.Ping ping -> {
        pongDue = true;
        tell();
      }
      case Frame.Close close ->
          link.closed(new Close(CloseReason.CLEAN, close.code(), null, close.retryMillis()));
      case Frame.Pong pong -> {}
      case Frame.Timeout timeout -> {}
    }
  }

  private void shakeHands(Frame.Handshake handshake) {
    if (open) {
      throw new BrokenProtocolException("a second handshake");
    }
    open = true;
    // Before it is settled, so that the polls that this one takes over from do not begin again.
    position = stream.begin(handshake, position, link);
    stream.settle();
    stream.setUnreadable(false);
    if (ended) {
      return;
    }
    var info = handshake.info();
    long pingMillis = info.pingMillis();
    if (pingMillis > 0) {
      long timeoutMillis = info.timeoutMillis();
      long within = timeoutMillis > 0 ? Math.min(pingMillis, timeoutMillis) : pingMillis;
      pongMillis = Math.max(1, within / 2);
      silenceMillis = pingMillis + timeoutMillis;
      watchFor(silenceMillis);
    }
    acknowledge();
    write();
  }

  /** Tells what was accepted, now or soon (V9). */
  private void acknowledge() {
    if (stream.inbound().isTellingDue()) {
      tell();
    } else if (stream.inbound().untold() > 0 && ackAlarm == null) {
      ackAlarm = host.after(ACKNOWLEDGE_WITHIN, this::tell);
    }
  }

  private void tell() {
    cancel(ackAlarm);
    ackAlarm = null;
    ackDue = true;
    write();
  }

  /** Sends what is due, one frame after the other: the next when the network has taken the last. */
  private void write() {
    if (ended || !connected || sending) {
      return;
    }
    byte @Nullable [] next;
    try {
      next = nextFrame();
    } catch (Exception e) {
      // A message changed after it was sent: the stream can neither send it nor leave it out.
      protocolError(e);
      return;
    } catch (Error e) {
      // As for want of memory. What follows would have the number of what was taken and is not sent
      // (V6): the next connection begins with what the server does not have.
      link.closed(host.failed(0, 0, e, "connect"));
      return;
    }
    if (next != null) {
      sending = true;
      said = host.options().time().millis();
      socket.send(next, stream.packer().isBinary(), () -> host.mailbox().post(this::sent));
    }
  }

  private void sent() {
    sending = false;
    write();
  }

  private byte @Nullable [] nextFrame() {
    var packer = stream.packer();
    if (pongDue) {
      pongDue = false;
      return StreamWire.pong(packer);
    }
    if (pingDue) {
      pingDue = false;
      return StreamWire.ping(packer);
    }
    if (ackDue) {
      ackDue = false;
      if (stream.inbound().untold() > 0) {
        stream.inbound().tell();
        return StreamWire.ack(packer, stream.inbound().received());
      }
    }
    var batch = open ? stream.nextBatch(StreamConversation.MAX_BATCH_BYTES) : null;
    pingDue = batch != null && stream.asks();
    return batch;
  }

  private void closed(int code) {
    boolean isTooLarge = open && code == TOO_LARGE;
    if (isTooLarge) {
      // By what stands before the server, and knows no session: it would be sent the same again.
      var why = "closed with " + code + ", for a message too large";
      host.report(new BrokenProtocolException(why), "protocol");
      stream.forget();
    }
    link.closed(new Close(isTooLarge ? CloseReason.PROTOCOL : CloseReason.CLEAN, code, null, 0));
  }

  /** V24. What a probe meets says nothing of the session, which goes on by long-polling. */
  private void protocolError(Exception error) {
    socket.close(4501, "protocol error");
    if (!open && link.hasFallback()) {
      // It may be the network's doing, and long-polling gets through (V26).
      link.closed(host.failed(0, 0, error, "connect"));
      return;
    }
    host.report(error, "protocol");
    if (!link.isProbe()) {
      stream.forget();
    }
    link.closed(new Close(CloseReason.PROTOCOL));
  }

  /** V22: ends when the server was not heard for too long. */
  private void watchFor(long millis) {
    cancel(watch);
    watch = host.after(Duration.ofMillis(millis), this::look);
  }

  private void look() {
    if (ended) {
      return;
    }
    long left = heard + silenceMillis - host.options().time().millis();
    if (paused) {
      // Nothing is heard because nothing is read, the server's pings neither: tells unasked.
      pongDue = true;
      write();
      watchFor(pongMillis);
    } else if (left > 0) {
      watchFor(left);
    } else {
      link.closed(new Close(CloseReason.WS_PING_TIMEOUT));
    }
  }

  @Override
  public void flush() {
    write();
  }

  @Override
  public void resume() {
    if (paused && !ended) {
      heard = host.options().time().millis();
      next();
    }
  }

  @Override
  public void check() {
    // While nothing is read no answer would be, and the next pong must not come later.
    if (!open || silenceMillis == 0 || paused) {
      return;
    }
    pingDue = true;
    write();
    long now = host.options().time().millis();
    long soon = host.options().handshakeTimeout().toMillis();
    heard = Math.min(heard, now + soon - silenceMillis);
    // No later than an earlier check says, however often it is called.
    watchFor(heard + silenceMillis - now);
  }

  @Override
  public void farewell() {
    if (open && !ended) {
      var close = new Frame.Close(1000, "disconnected", 0);
      socket.send(StreamWire.close(stream.packer(), close), stream.packer().isBinary(), () -> {});
    }
  }

  @Override
  public void close(int code, String reason) {
    end();
    socket.close(code, reason);
  }

  @Override
  public void abandon() {
    end();
    socket.abort();
  }

  private void end() {
    ended = true;
    open = false;
    cancel(watch);
    cancel(ackAlarm);
    stream.settle();
  }

  private static void cancel(Time.@Nullable Alarm alarm) {
    if (alarm != null) {
      alarm.cancel();
    }
  }
}
