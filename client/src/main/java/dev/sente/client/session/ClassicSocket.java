package dev.sente.client.session;

import dev.sente.client.CloseReason;
import dev.sente.client.net.Socket;
import dev.sente.client.net.SocketListener;
import dev.sente.client.session.Life.Close;
import dev.sente.event.Keyword;
import dev.sente.packer.UnpackException;
import dev.sente.time.Time;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A WebSocket in classic mode. Touched by the mailbox only; its listener goes there first. */
final class ClassicSocket implements Connection {

  /** The callback of pings. No request has it: theirs are of six digits. */
  private static final String PING_CALLBACK = "ping";

  /** How often to tell a server that is not read that the client is there (K18). */
  private static final Duration PONG_EVERY = Duration.ofSeconds(10);

  private final ClassicConversation conversation;
  private final Host host;
  private final Link link;
  private final Socket socket;

  /** Whether the server has shaken hands. */
  private boolean open;

  private boolean ended;
  private boolean sending;

  /** Whether it is a message of the application's that is being sent. */
  private boolean sendingMessage;

  private boolean pongDue;
  private boolean pingDue;

  /** Whether a ping is unanswered. */
  private boolean pinged;

  /** Whether the next message waits for room in the inbox. */
  private boolean paused;

  private long heard;
  private Time.@Nullable Alarm keepAlive;

  private ClassicSocket(ClassicConversation conversation, Link link) {
    this.conversation = conversation;
    this.host = conversation.host();
    this.link = link;
    this.socket =
        host.options().network().open(ClassicCalls.webSocket(host, link.access()), new Listener());
  }

  static ClassicSocket open(ClassicConversation conversation, Link link) {
    var opened = new ClassicSocket(conversation, link);
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
    public void onOpen(String subprotocol) {}

    @Override
    public void onMessage(byte[] message, boolean isBinary) {
      post(() -> received(message, isBinary));
    }

    @Override
    public void onOversized() {
      post(
          () ->
              host.report(
                  new UnpackException(
                      "a frame of more than " + host.options().maxMessageBytes() + " bytes"),
                  "frame"));
    }

    @Override
    public void onClosed(int code, String reason) {
      post(() -> link.closed(new Close(CloseReason.CLEAN, code, null, 0)));
    }

    @Override
    public void onFailed(int status, long retryAfterMillis, @Nullable Throwable cause) {
      post(() -> link.closed(host.failed(status, retryAfterMillis, cause, "connect")));
    }
  }

  private void received(byte[] message, boolean isBinary) {
    heard = host.options().time().millis();
    if (pinged) {
      pinged = false;
      schedule(host.options().wsKeepAlive());
    }
    try {
      if (isBinary != conversation.packer().isBinary()) {
        throw new UnpackException("expected the packer's kind of message");
      }
      receive(ClassicFrame.read(conversation.packer(), message), message.length);
    } catch (UnpackException e) {
      host.report(e, "frame");
    }
    if (!ended) {
      next();
    }
  }

  private void next() {
    boolean wasPaused = paused;
    paused = host.isInboxFull(conversation.isWaiting());
    if (!paused) {
      socket.request();
    } else if (!wasPaused) {
      tellUnasked();
    }
  }

  private void receive(ClassicFrame frame, int size) {
    switch (frame) {
      case ClassicFrame.Ping ping -> {
        pongDue = true;
        write();
      }
      case ClassicFrame.Reply reply when reply.callback().equals(PING_CALLBACK) -> {}
      case ClassicFrame.Handshake handshake -> {
        if (!open) {
          open = true;
          schedule(host.options().wsKeepAlive());
        }
        conversation.received(handshake, link, size);
      }
      default -> conversation.received(frame, link, size);
    }
  }

  /** Sends what is due, one frame after the other. */
  private void write() {
    if (ended || !open || sending) {
      return;
    }
    var next = nextFrame();
    if (next != null) {
      sending = true;
      socket.send(next, conversation.packer().isBinary(), () -> host.mailbox().post(this::sent));
    }
  }

  private void sent() {
    sending = false;
    if (sendingMessage && !ended) {
      conversation.settled();
    }
    write();
  }

  private byte @Nullable [] nextFrame() {
    var packer = conversation.packer();
    sendingMessage = false;
    if (pongDue) {
      pongDue = false;
      return packer.pack(Arrays.asList(List.of(Keyword.of("chsk/ws-pong")), null));
    }
    if (pingDue) {
      pingDue = false;
      return packer.pack(List.of(List.of(Keyword.of("chsk/ws-ping")), PING_CALLBACK));
    }
    var message = conversation.take();
    sendingMessage = message != null;
    return message == null ? null : message.packed();
  }

  /** While nothing is read the server's pings are not, either: they are answered unasked. */
  private void tellUnasked() {
    pinged = false;
    pongDue = true;
    write();
    lookAfter(PONG_EVERY);
  }

  private void schedule(Duration delay) {
    if (!host.options().wsKeepAlive().isZero()) {
      lookAfter(delay);
    }
  }

  private void lookAfter(Duration delay) {
    if (keepAlive != null) {
      keepAlive.cancel();
    }
    keepAlive = host.after(delay, this::look);
  }

  private void look() {
    if (ended) {
      return;
    }
    long period = host.options().wsKeepAlive().toMillis();
    long idle = host.options().time().millis() - heard;
    if (paused) {
      tellUnasked();
    } else if (period == 0) {
      keepAlive = null;
    } else if (pinged) {
      link.closed(new Close(CloseReason.WS_PING_TIMEOUT));
    } else if (idle >= period) {
      ping();
    } else {
      schedule(Duration.ofMillis(period - idle));
    }
  }

  private void ping() {
    pinged = true;
    pingDue = true;
    write();
    schedule(host.options().wsPingTimeout());
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
    var options = host.options();
    long idle = options.time().millis() - heard;
    if (open
        && !pinged
        && !options.wsKeepAlive().isZero()
        && idle >= options.wsPingTimeout().toMillis()) {
      ping();
    }
  }

  @Override
  public void farewell() {}

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
    if (keepAlive != null) {
      keepAlive.cancel();
    }
  }
}
