package dev.sente.client.session;

import dev.sente.client.net.HttpAnswer;
import dev.sente.client.net.HttpCall;
import dev.sente.event.Keyword;
import dev.sente.packer.UnpackException;
import dev.sente.time.Time;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Long-polling in classic mode with the surface of a socket. Touched by the mailbox only.
 *
 * <p>Order: the server handles a client's events in the order in which they arrive, and two POSTs
 * under way at the same time may overtake each other. So an event's POST is waited for, which is
 * short: its answer comes at once. A request's answer may take the server's handler its time, and
 * must not hold up everything behind it: the next POST goes when the answer is there or after
 * {@link #ARRIVAL}, by when the request has arrived unless the network is in trouble. At most
 * {@value #MAX_POSTS} are under way.
 */
final class ClassicPolling implements Connection {

  /** By when a POST without an answer is taken to have arrived. */
  static final Duration ARRIVAL = Duration.ofMillis(300);

  /** How many POSTs may be under way at the same time. */
  static final int MAX_POSTS = 4;

  private final ClassicConversation conversation;
  private final Host host;
  private final Link link;
  private final Set<Exchange> underWay = new HashSet<>(4);
  private boolean ended;

  /** Whether the server has shaken hands. */
  private boolean open;

  private int posts;

  /** The number of the POST that the next one waits for; 0 for none. */
  private long last;

  /** The number of the latest POST. */
  private long latest;

  private Time.@Nullable Alarm arrival;

  /** Whether the next poll waits for room in the inbox. */
  private boolean paused;

  /** Whether the last answer to a poll was too long. */
  private boolean wasTooLong;

  private ClassicPolling(ClassicConversation conversation, Link link) {
    this.conversation = conversation;
    this.host = conversation.host();
    this.link = link;
  }

  static ClassicPolling open(ClassicConversation conversation, Link link) {
    var polling = new ClassicPolling(conversation, link);
    polling.poll();
    return polling;
  }

  /** Sends a request; what comes of it is told unless this connection has ended. */
  private Exchange call(HttpCall call, Consumer<HttpAnswer> done) {
    var exchange =
        host.exchange(
            call,
            host.options().pollTimeout(),
            answer -> {
              if (!ended) {
                done.accept(answer);
              }
            });
    underWay.add(exchange);
    return exchange;
  }

  private void poll() {
    paused = open && host.isInboxFull(conversation.isWaiting());
    if (ended || paused) {
      return;
    }
    var holder = new Exchange[1];
    holder[0] =
        call(
            ClassicCalls.poll(host, link.access(), !open),
            answer -> {
              underWay.remove(holder[0]);
              polled(answer);
            });
  }

  private void polled(HttpAnswer answer) {
    boolean isAgain = wasTooLong;
    wasTooLong = open && isTooLong(answer);
    if (wasTooLong && !isAgain) {
      poll();
      return;
    }
    if (!answer.isGood()) {
      // One that is too long again comes from a network, as one that cannot be read.
      link.closed(host.failed(answer, "poll"));
      return;
    }
    try {
      var frame = ClassicFrame.read(conversation.packer(), answer.body());
      if (!open && !(frame instanceof ClassicFrame.Handshake)) {
        throw new UnpackException("expected a handshake");
      }
      open = true;
      conversation.received(frame, link, answer.body().length);
    } catch (UnpackException e) {
      // To ask again at once would get the same, as from a network that wants its users to log in.
      host.report(e, "frame");
      link.closed(host.failed(answer, "poll"));
      return;
    }
    poll();
  }

  /** Whether the answer is too long to be read, which is told. */
  private boolean isTooLong(HttpAnswer answer) {
    var cause = answer.cause();
    if (cause != null && answer.isTooLong()) {
      host.report(cause, "frame");
      return true;
    }
    return false;
  }

  @Override
  public void flush() {
    while (open && last == 0 && posts < MAX_POSTS) {
      var message = conversation.take();
      if (message == null) {
        return;
      }
      post(message);
    }
  }

  private void post(ClassicMessage message) {
    var callback = message.callback();
    var packed = message.packed();
    if (callback != null) {
      try {
        packed = conversation.pack(message.event(), Keyword.of("ajax"));
      } catch (Throwable e) {
        // The data was changed meanwhile, or there is no memory for it.
        conversation.unpackable(callback, e);
        return;
      }
    }
    long number = ++latest;
    last = number;
    posts++;
    if (callback != null) {
      arrival = host.after(ARRIVAL, () -> arrived(number));
    }
    var holder = new Exchange[1];
    holder[0] =
        call(
            ClassicCalls.post(host, link.access(), packed),
            answer -> {
              underWay.remove(holder[0]);
              posts--;
              if (callback == null && !answer.isGood()) {
                conversation.mayBeLost();
              }
              conversation.settled();
              answered(callback, answer);
              arrived(number);
            });
    message.onCancel(
        () -> {
          if (underWay.remove(holder[0])) {
            holder[0].abort();
            posts--;
            conversation.settled();
            arrived(number);
          }
        });
  }

  private void arrived(long number) {
    if (last == number) {
      last = 0;
      if (arrival != null) {
        arrival.cancel();
      }
    }
    flush();
  }

  private void answered(@Nullable String callback, HttpAnswer answer) {
    if (isTooLong(answer)) {
      if (callback != null) {
        conversation.unreadable(callback);
      }
      return;
    }
    int status = answer.status();
    boolean isOver = status == 0 || status == 401 || status == 403;
    if (callback == null) {
      if (!answer.isGood()) {
        host.report(new IOException("an event may be lost: status " + status), "post");
      }
    } else if (!isOver) {
      try {
        if (!answer.isGood()) {
          throw new UnpackException("expected a good answer");
        }
        conversation.answered(
            callback, ClassicFrame.outer(conversation.packer(), answer.body()).getFirst());
      } catch (UnpackException e) {
        conversation.failed(callback, status);
      }
    }
    if (isOver) {
      link.closed(host.failed(answer, "post"));
    }
  }

  @Override
  public void resume() {
    if (paused) {
      poll();
    }
  }

  @Override
  public void check() {}

  @Override
  public void farewell() {}

  @Override
  public void close(int code, String reason) {
    abandon();
  }

  @Override
  public void abandon() {
    ended = true;
    open = false;
    if (arrival != null) {
      arrival.cancel();
    }
    underWay.forEach(Exchange::abort);
    underWay.clear();
  }
}
