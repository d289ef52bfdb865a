package dev.sente.client.session;

import dev.sente.client.CloseReason;
import dev.sente.client.net.HttpAnswer;
import dev.sente.client.session.Life.Close;
import dev.sente.packer.UnpackException;
import dev.sente.time.Time;
import dev.sente.wire.Frame;
import dev.sente.wire.StreamWire;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Long-polling in v2 with the surface of a socket. Numbers make it safe to ask again: a lost answer
 * to a poll or a POST costs nothing (V18, V19). Touched by the mailbox only.
 */
final class StreamPolling implements Connection {

  /** How often a POST is tried before the connection counts as lost. */
  private static final int MAX_POSTS = 5;

  /** POSTs of no more bytes than this are not made smaller, however often none is answered. */
  private static final int MIN_BATCH_BYTES = 1000;

  /** How many bytes of a large POST take a second more, as they may at the server. */
  private static final int BYTES_PER_SECOND = 4096;

  /** How long to wait before a POST is tried again, in ms; doubled each time. */
  private static final long POST_AGAIN_MILLIS = 100;

  private final StreamConversation stream;
  private final Host host;
  private final Link link;
  private boolean ended;

  /** Whether the server has shaken hands, and is not asked to do so again. */
  private boolean open;

  /** Whether the server has ever shaken hands here, and when it did so last, in ms. */
  private boolean wasOpen;

  private long shaken;

  private @Nullable Exchange polling;
  private long polledAt;

  /** The poll that is asked anew unless it is answered soon, and the alarm for it. */
  private @Nullable Exchange checked;

  private Time.@Nullable Alarm checkAlarm;

  /** Whether the last poll failed and is being asked again. */
  private boolean isSecondPoll;

  private @Nullable Exchange posting;

  /** How many bytes the POST under way has, or had. */
  private int postedBytes;

  /** Settles a POST once it is known what a WebSocket's handshake counts (V19). */
  private @Nullable Runnable postponed;

  /** Set while a POST waits to be tried again. */
  private Time.@Nullable Alarm pause;

  /** How large a POST of several messages is at most, in bytes: less where none was answered. */
  private int maxBatchBytes = StreamConversation.MAX_BATCH_BYTES;

  /** How many POSTs brought nothing on, in a row. */
  private int idlePosts;

  /** Whether the next poll waits for room in the inbox. */
  private boolean paused;

  private StreamPolling(StreamConversation stream, Link link) {
    this.stream = stream;
    this.host = stream.host();
    this.link = link;
  }

  static StreamPolling open(StreamConversation stream, Link link) {
    var polling = new StreamPolling(stream, link);
    stream.whenSettled(polling::goOn);
    polling.poll();
    return polling;
  }

  /** The WebSocket that was being opened is given up, or has taken over. */
  private void goOn() {
    if (ended) {
      return;
    }
    if (polling == null) {
      pollAgain(false);
    }
    var settling = postponed;
    postponed = null;
    if (settling != null) {
      settling.run();
    }
  }

  /** The stream may be another one by then, whose numbers this answer says nothing of. */
  private void postpone(HttpAnswer answer) {
    var outbound = stream.outbound();
    postponed = () -> posted(answer, outbound);
  }

  private Exchange ask(
      Map<String, String> query,
      Duration timeout,
      byte @Nullable [] body,
      Consumer<HttpAnswer> done) {
    var call = StreamCalls.http(host, link.access(), stream.token(), query, body);
    return host.exchange(call, timeout, done);
  }

  private void pollAgain(boolean isSecond) {
    isSecondPoll = isSecond;
    poll();
  }

  private void poll() {
    if (ended || stream.isOpening()) {
      return;
    }
    paused = open && host.isInboxFull(stream.isWaiting());
    if (paused) {
      return;
    }
    stream.inbound().tell();
    long received = stream.inbound().received();
    var query = new LinkedHashMap<String, String>();
    query.put("received", Long.toString(received));
    if (!open) {
      query.put("handshake?", "1");
    }
    polledAt = host.options().time().millis();
    polling = ask(query, host.options().pollTimeout(), null, answer -> polled(answer, received));
  }

  private void polled(HttpAnswer answer, long received) {
    polling = null;
    if (ended) {
      return;
    }
    if (answer.isTooLong() && open) {
      if (isServers()) {
        protocolError(
            new BrokenProtocolException(
                "a frame of more than " + host.options().maxMessageBytes() + " bytes"));
      } else {
        fail(answer, "poll");
      }
      return;
    }
    if (!answer.isGood()) {
      int status = answer.status();
      // A connection that was held may have been cut on the way; what a new one brings is the
      // truth.
      if (!open || isSecondPoll || (status > 0 && status != 502 && status != 504)) {
        fail(answer, "poll");
      } else {
        pollAgain(true);
      }
      return;
    }
    Frame frame;
    try {
      frame = StreamWire.read(stream.packer(), answer.body());
    } catch (UnpackException e) {
      if (isServers()) {
        protocolError(e);
      } else if (!open && StreamCalls.isClassic(stream.packer(), answer.body())) {
        protocolError(StreamCalls.withoutV2());
      } else {
        host.report(e, "poll");
        fail(answer, "poll");
      }
      return;
    } catch (Error e) {
      // As for want of memory: nobody would poll any more.
      fail(HttpAnswer.none(e), "poll");
      return;
    }
    if (!(frame instanceof Frame.Handshake)) {
      stream.setUnreadable(false);
    }
    try {
      take(frame, received, answer.body().length);
    } catch (UnpackException | BrokenProtocolException e) {
      protocolError(e);
    }
    if (!ended) {
      pollAgain(false);
    }
  }

  /**
   * Whether an answer that cannot be read, or is too long, is the server's. A network may answer so
   * that wants its users to log in first; but hardly twice in a row with a handshake of the
   * server's between.
   */
  private boolean isServers() {
    boolean isSecond = open && stream.isUnreadable();
    stream.setUnreadable(open && !isSecond);
    return isSecond;
  }

  /**
   * Takes the answer to a poll.
   *
   * @param base how many messages the client had when it asked
   * @param size of the frame, in bytes
   */
  private void take(Frame frame, long base, int size) {
    if (!open && !(frame instanceof Frame.Handshake) && !(frame instanceof Frame.Close)) {
      // As who is taken for late is answered (V12): where another client has its client-id.
      host.report(new BrokenProtocolException("expected a handshake"), "poll");
      link.closed(new Close(CloseReason.UNEXPECTED));
      return;
    }
    switch (frame) {
      case Frame.Handshake handshake -> {
        long now = host.options().time().millis();
        boolean isOther = !handshake.info().session().equals(stream.token());
        if (wasOpen && isOther && now - shaken < Life.STABLE_MILLIS) {
          // As where two clients have one client-id, each ending the other's session (V27).
          link.closed(new Close(CloseReason.UNEXPECTED));
          return;
        }
        shaken = now;
        open = true;
        wasOpen = true;
        if (isOther) {
          idlePosts = 0;
          endPause();
        }
        stream.begin(handshake, base, link);
      }
      case Frame.Batch batch -> {
        long position = base;
        for (var message : batch.messages()) {
          if (stream.inbound().accept(++position)) {
            stream.deliver(message, size / batch.messages().size());
          }
        }
      }
      case Frame.Close close ->
          link.closed(new Close(CloseReason.CLEAN, close.code(), null, close.retryMillis()));
      case Frame.Timeout timeout -> {}
      case Frame.Ack other -> throw new BrokenProtocolException("not the answer to a poll");
      case Frame.Ping other -> throw new BrokenProtocolException("not the answer to a poll");
      case Frame.Pong other -> throw new BrokenProtocolException("not the answer to a poll");
    }
  }

  @Override
  public void flush() {
    if (ended || !open || posting != null || pause != null || postponed != null) {
      return;
    }
    var outbound = stream.outbound();
    long first = outbound.cursor() + 1;
    byte @Nullable [] body;
    try {
      body = stream.nextBatch(maxBatchBytes);
    } catch (Exception e) {
      // A message changed after it was sent: the stream can neither send it nor leave it out.
      protocolError(e);
      return;
    } catch (Error e) {
      // As for want of memory: what was taken and is not sent goes by the next connection.
      fail(HttpAnswer.none(e), "post");
      return;
    }
    if (body != null) {
      postedBytes = body.length;
      posting =
          ask(
              Map.of("first", Long.toString(first)),
              patience(body.length),
              body,
              answer -> posted(answer, outbound));
    }
  }

  /** How long a POST may take: a large message goes again as a whole, so that it must have time. */
  private Duration patience(int bytes) {
    var options = host.options();
    var usual = options.handshakeTimeout().multipliedBy(4);
    if (bytes <= StreamConversation.MAX_BATCH_BYTES) {
      return usual;
    }
    var longer = options.pollTimeout().compareTo(usual) > 0 ? options.pollTimeout() : usual;
    return withTimeFor(bytes, longer);
  }

  /** So long, and what so many bytes may take on a slow line. */
  private static Duration withTimeFor(int bytes, Duration duration) {
    return duration.plusSeconds(bytes / BYTES_PER_SECOND);
  }

  /**
   * A POST has ended.
   *
   * @param outbound the stream that it belongs to
   */
  private void posted(HttpAnswer answer, Object outbound) {
    posting = null;
    if (ended) {
      return;
    }
    if (outbound != stream.outbound()) {
      flush();
      return;
    }
    try {
      settle(answer);
    } catch (UnpackException e) {
      // Not the server's, as with a poll.
      host.report(e, "post");
      fail(answer, "post");
    } catch (BrokenProtocolException e) {
      protocolError(e);
    }
  }

  private void settle(HttpAnswer answer) {
    int status = answer.status();
    long before = stream.outbound().acknowledged();
    if (status == 410) {
      shakeHands(answer);
      return;
    }
    if (answer.isGood()) {
      if (!(StreamWire.read(stream.packer(), answer.body()) instanceof Frame.Ack ack)) {
        throw new BrokenProtocolException("not the answer to a POST");
      }
      if (stream.isOpening()) {
        if (ack.received() == stream.outbound().cursor()) {
          stream.acknowledgedLater(ack.received());
          idlePosts = 0;
          flush();
        } else {
          postpone(answer);
        }
        return;
      }
      stream.acknowledged(ack.received());
    } else if (stream.isOpening() && status != 401 && status != 403) {
      postpone(answer);
      return;
    } else if (status == 409) {
      // Where the server has fewer than it had, it says so in the handshake.
      if (!stream.resumeAt(countIn(answer.body()))) {
        shakeHands(answer);
        return;
      }
    } else if (status == 406) {
      // By a filter, which what the message says does not please.
      refused(answer);
      return;
    } else if (status > 0 && status != 429 && status < 500) {
      fail(answer, "post");
      return;
    }
    if (status == 0 && maxBatchBytes > MIN_BATCH_BYTES) {
      // The way up may be too slow for so much at a time.
      maxBatchBytes /= 2;
    }
    var outbound = stream.outbound();
    boolean isAllThere = outbound.acknowledged() == outbound.cursor() && answer.isGood();
    idlePosts = outbound.acknowledged() > before ? 0 : idlePosts + 1;
    // What was not accepted goes again, with whatever has come since.
    stream.resumeAt(outbound.acknowledged());
    if (isAllThere) {
      idlePosts = 0;
      flush();
    } else if (answer.retryAfterMillis() > 0 || (idlePosts >= MAX_POSTS && !answer.isGood())) {
      fail(answer, "post");
    } else {
      pause();
    }
  }

  /** Lets some time pass before the next POST. */
  private void pause() {
    pause =
        host.after(
            Duration.ofMillis(POST_AGAIN_MILLIS << Math.min(idlePosts, MAX_POSTS)),
            () -> {
              pause = null;
              flush();
            });
  }

  private void endPause() {
    if (pause != null) {
      pause.cancel();
      pause = null;
    }
  }

  /** The count in a 409's body; -1 for nonsense. */
  private static long countIn(byte[] body) {
    var text = new String(body, StandardCharsets.ISO_8859_1).strip();
    return text.matches("[0-9]{1,18}") ? Long.parseLong(text) : -1;
  }

  /**
   * A POST did not find the session, or not as it is. If polls do, as where each goes to another
   * server, it is as any other POST that brings nothing on.
   */
  private void shakeHands(HttpAnswer answer) {
    idlePosts++;
    if (idlePosts >= MAX_POSTS) {
      fail(answer, "post");
      return;
    }
    pause();
    open = false;
    if (polling != null) {
      polling.abort();
      polling = null;
    }
    pollAgain(false);
  }

  private void fail(HttpAnswer answer, String where) {
    if (answer.status() == 400 || answer.status() == 413) {
      refused(answer);
    } else {
      link.closed(host.failed(answer, where));
    }
  }

  /** The session would send the same again, and what stands before the server knows no session. */
  private void refused(HttpAnswer answer) {
    int status = answer.status();
    host.report(new BrokenProtocolException("the server answered " + status), "protocol");
    stream.forget();
    link.closed(new Close(CloseReason.PROTOCOL, null, status, answer.retryAfterMillis()));
  }

  private void protocolError(Exception error) {
    host.report(error, "protocol");
    stream.forget();
    link.closed(new Close(CloseReason.PROTOCOL));
  }

  @Override
  public void resume() {
    if (paused && polling == null) {
      pollAgain(false);
    }
  }

  @Override
  public void check() {
    if (posting != null) {
      posting.waitNoLongerThan(withTimeFor(postedBytes, host.options().handshakeTimeout()));
    }
    var asked = polling;
    if (asked == null || checked == asked) {
      return;
    }
    long waited = host.options().time().millis() - polledAt;
    long left = host.options().handshakeTimeout().toMillis() - waited;
    if (left <= 0) {
      askAnew(asked);
    } else {
      // Not at once: who checks often would keep each poll from being answered.
      checked = asked;
      endCheck();
      checkAlarm = host.after(Duration.ofMillis(left), () -> askAnew(asked));
    }
  }

  private void askAnew(Exchange asked) {
    if (!ended && polling == asked) {
      asked.abort();
      polling = null;
      pollAgain(false);
    }
  }

  private void endCheck() {
    if (checkAlarm != null) {
      checkAlarm.cancel();
      checkAlarm = null;
    }
  }

  @Override
  public void farewell() {
    if (open && !ended) {
      var close = new Frame.Close(1000, "disconnected", 0);
      var first = Map.of("first", Long.toString(stream.outbound().cursor() + 1));
      // It goes beside a POST under way, and nobody waits for its answer.
      ask(first, patience(0), StreamWire.close(stream.packer(), close), answer -> {});
    }
  }

  @Override
  public void close(int code, String reason) {
    abandon();
  }

  @Override
  public void abandon() {
    ended = true;
    open = false;
    endPause();
    endCheck();
    if (polling != null) {
      polling.abort();
    }
    if (posting != null) {
      posting.abort();
    }
  }
}
