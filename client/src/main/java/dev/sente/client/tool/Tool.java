package dev.sente.client.tool;

import dev.sente.client.ChannelSocketClient;
import dev.sente.client.ClientState;
import dev.sente.client.CloseReason;
import dev.sente.client.LastClose;
import dev.sente.client.ReceivedEvent;
import dev.sente.client.tool.Arguments.UsageException;
import dev.sente.event.Event;
import dev.sente.packer.PackException;
import dev.sente.packer.Packer;
import dev.sente.packer.UnpackException;
import dev.sente.packer.edn.EdnPacker;
import dev.sente.packer.json.JsonPacker;
import dev.sente.wire.Reply;
import java.io.PrintStream;
import java.net.ConnectException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * {@code sente send} and {@code sente listen}. What they print and how they exit is told by {@link
 * Arguments#USAGE}.
 */
public final class Tool {

  static final int DONE = 0;
  static final int REMOTE_ERROR = 1;
  static final int WRONG_USAGE = 2;
  static final int NO_ANSWER = 3;
  static final int REFUSED = 4;
  static final int LOST = 5;

  /** Beyond, handlers wait, and with them the server: nobody reads what is printed so fast. */
  private static final int MAX_HAPPENINGS = 1024;

  private final Arguments arguments;
  private final PrintStream out;
  private final PrintStream err;

  /** What happens, in order; the one place where the main thread waits. */
  private final BlockingQueue<Happening> happenings = new LinkedBlockingQueue<>(MAX_HAPPENINGS);

  /** Why there is no connection, as it was told last; empty while there is one. */
  private String lastFailure = "";

  /** Whether the last that went wrong is that no connection could be made. */
  private volatile boolean isUnanswered;

  /** Whether the last that was told of the connection is that there is one. */
  private boolean isOpenTold;

  /** Something that the tool waits for. */
  private sealed interface Happening {

    record Came(ReceivedEvent event) implements Happening {}

    record Changed(ClientState state) implements Happening {}

    record Answered(Reply reply) implements Happening {}

    record Delivered(boolean isThere) implements Happening {}
  }

  private Tool(Arguments arguments, PrintStream out, PrintStream err) {
    this.arguments = arguments;
    this.out = out;
    this.err = err;
  }

  /** Runs the tool; ends the process with its exit code. */
  public static void main(String[] args) {
    System.exit(run(System.out, System.err, args));
  }

  /** Runs the tool; gives its exit code. */
  static int run(PrintStream out, PrintStream err, String... args) {
    if (List.of(args).contains("--help")) {
      out.print(Arguments.USAGE);
      return DONE;
    }
    try {
      var arguments = Arguments.of(args);
      return new Tool(arguments, out, err).run();
    } catch (UsageException | IllegalArgumentException | PackException e) {
      err.println("sente: " + e.getMessage());
      err.print(Arguments.USAGE);
      return WRONG_USAGE;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return NO_ANSWER;
    }
  }

  private int run() throws UsageException, InterruptedException {
    var options = arguments.clientOptions().onError(this::failed).build();
    try (var client = ChannelSocketClient.open(arguments.uri(), options)) {
      client.onState((state, previous) -> happenings.put(new Happening.Changed(state)));
      return arguments.command().equals("send") ? send(client) : listen(client);
    }
  }

  private void failed(Throwable error, String where) {
    // That nobody answers is told with the state.
    isUnanswered = error instanceof ConnectException;
    if (!isUnanswered) {
      var message = error.getMessage();
      say(where + ": " + (message == null ? error.toString() : message));
    }
  }

  private int send(ChannelSocketClient client) throws UsageException, InterruptedException {
    var words = arguments.words();
    var event = eventOf(words.getFirst(), words.size() == 2 ? data(words.get(1)) : null);
    client.connect();
    if (arguments.waitReply()) {
      client
          .request(event, arguments.timeout())
          .thenAccept(reply -> happenings.add(new Happening.Answered(reply)));
    } else if (!client.send(event)) {
      throw new UsageException("the event is too large");
    } else {
      client.delivered().thenAccept(isThere -> happenings.add(new Happening.Delivered(isThere)));
    }
    long end = System.nanoTime() + arguments.timeout().plusSeconds(1).toNanos();
    while (true) {
      switch (next(Duration.ofNanos(end - System.nanoTime()))) {
        case null -> {
          return timedOut(client.state());
        }
        case Happening.Changed(ClientState state) -> {
          tell(state);
          var close = state.lastClose();
          if (!state.open() && close != null && isFinal(close)) {
            return close.reason() == CloseReason.REFUSED ? REFUSED : NO_ANSWER;
          }
        }
        case Happening.Answered(Reply outcome) -> {
          tellLast(client.state());
          return answered(outcome, client.state());
        }
        case Happening.Delivered(boolean isThere) -> {
          tellLast(client.state());
          return isThere ? DONE : LOST;
        }
        case Happening.Came came -> {}
      }
    }
  }

  private int timedOut(ClientState state) {
    say("no " + (state.everOpened() ? "answer" : "connection") + " in time");
    return NO_ANSWER;
  }

  private int answered(Reply outcome, ClientState state) {
    return switch (outcome) {
      case Reply.Value value ->
          print("", "the answer", () -> value.value().value()) ? DONE : REMOTE_ERROR;
      case Reply.RemoteError error -> {
        say("the server answered " + error.code() + described(error.message()));
        yield REMOTE_ERROR;
      }
      case Reply.TimedOut late -> timedOut(state);
      case Reply.Closed closed -> LOST;
      case Reply.Refused refused -> REFUSED;
    };
  }

  private static String described(@Nullable String message) {
    return message == null ? "" : ": " + message;
  }

  private int listen(ChannelSocketClient client) throws InterruptedException {
    var ids = arguments.words();
    client.onAny(
        (event, isHandled) -> {
          if (ids.isEmpty() || ids.contains(event.id())) {
            happenings.put(new Happening.Came(event));
          }
        });
    client.connect();
    var timeout = arguments.timeout();
    long end = System.nanoTime() + timeout.toNanos();
    int left = arguments.count() == 0 ? Integer.MAX_VALUE : arguments.count();
    while (left > 0) {
      var rest =
          timeout.isZero() ? Duration.ofDays(365) : Duration.ofNanos(end - System.nanoTime());
      var next = next(rest);
      switch (next) {
        case null -> {
          // To listen for so long is what was asked for, unless some were to come.
          return arguments.count() == 0 && client.state().everOpened() ? DONE : NO_ANSWER;
        }
        case Happening.Came(ReceivedEvent event) -> {
          left--;
          print(event.id() + " ", event.id(), event::data);
          if (out.checkError()) {
            // Nobody reads any further, as after "| head -1".
            return DONE;
          }
        }
        case Happening.Changed(ClientState state) -> {
          tell(state);
          var close = state.lastClose();
          if (!state.open() && close != null && isFinal(close)) {
            return close.reason() == CloseReason.REFUSED ? REFUSED : NO_ANSWER;
          }
        }
        case Happening.Answered answered -> {}
        case Happening.Delivered delivered -> {}
      }
    }
    return DONE;
  }

  /** Says something of the tool's own, with what strangers may have said. */
  private void say(String text) {
    err.println("sente: " + plain(text));
  }

  /** Without control characters, by which strangers would have a say in the terminal. */
  private static String plain(String text) {
    var plain = new StringBuilder(text.length());
    text.chars()
        .forEach(
            c -> {
              if (Character.isISOControl(c)) {
                plain.append(String.format(Locale.ROOT, "\\u%04x", c));
              } else {
                plain.append((char) c);
              }
            });
    return plain.toString();
  }

  private @Nullable Happening next(Duration timeout) throws InterruptedException {
    return happenings.poll(Math.max(0, timeout.toNanos()), TimeUnit.NANOSECONDS);
  }

  private static boolean isFinal(LastClose close) {
    return close.reason() == CloseReason.REFUSED || close.reason() == CloseReason.PROTOCOL;
  }

  /** The outcome may be heard of before the connection that brought it, or was refused. */
  private void tellLast(ClientState state) {
    if (!state.open() || !isOpenTold) {
      tell(state);
    }
  }

  /** Tells what has become of the connection. */
  private void tell(ClientState state) {
    if (arguments.quiet()) {
      return;
    }
    var lost = state.lost();
    var close = state.lastClose();
    var transport =
        state.type() == dev.sente.client.TransportType.WS ? "WebSocket" : "long-polling";
    isOpenTold = state.open();
    if (state.open()) {
      lastFailure = "";
      say(
          "connected by "
              + transport
              + (state.uid() == null ? "" : " as " + state.uid())
              + (lost == null ? "" : "; the session before is lost: " + lost.reason()));
    } else if (close != null) {
      var status = close.status() == null ? "" : ", status " + close.status();
      var code = close.code() == null ? "" : ", code " + close.code();
      boolean hasNoAnswer =
          isUnanswered
              && close.reason() == CloseReason.UNEXPECTED
              && status.isEmpty()
              && code.isEmpty();
      var failure =
          "not connected: "
              + close.reason().name().toLowerCase(Locale.ROOT).replace('_', '-')
              + (hasNoAnswer ? ", no answer: is the server running there?" : "")
              + status
              + code;
      // Attempt after attempt fails in the same way.
      if (!failure.equals(lastFailure)) {
        say(failure);
      }
      lastFailure = failure;
    }
  }

  private static Event eventOf(String id, @Nullable Object data) {
    return Event.of(id.startsWith(":") ? id.substring(1) : id, data);
  }

  /** DATA: JSON, or edn where it is none. What is both means the same in both. */
  private @Nullable Object data(String text) throws UsageException {
    var bytes = text.getBytes(StandardCharsets.UTF_8);
    for (Packer format : new Packer[] {JsonPacker.DEFAULT, EdnPacker.DEFAULT}) {
      try {
        return format.unpack(bytes);
      } catch (UnpackException e) {
        // The other one may do.
      }
    }
    throw new UsageException("DATA is neither JSON nor edn: " + text);
  }

  /**
   * Prints a value as edn: it tells most. False, with the reason told, where it cannot be read or
   * is none of edn's.
   */
  private boolean print(String before, String what, Supplier<@Nullable Object> value) {
    try {
      var text = new String(EdnPacker.DEFAULT.pack(value.get()), StandardCharsets.UTF_8);
      out.println(plain(before + text));
      return true;
    } catch (UnpackException | PackException e) {
      say(what + ": " + e.getMessage());
      return false;
    }
  }
}
