package dev.sente.example.testserver;

import static dev.sente.example.testserver.Edn.keyword;

import dev.sente.event.Event;
import dev.sente.event.EventIds;
import dev.sente.server.ChannelSocketServer;
import dev.sente.server.router.IncomingEvent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The events that a test may send, and the log of all that come. */
final class TestEvents {

  static final Event CLOSE = Event.of("chsk/close");

  private final ChannelSocketServer chsk;
  private final TestLog log;

  TestEvents(ChannelSocketServer chsk, TestLog log) {
    this.chsk = chsk;
    this.log = log;
  }

  void register() {
    chsk.trace(event -> log.add("EVENT", logged(event)));
    chsk.connectedUsers().onChange(change -> log.add("UIDS", uids(chsk)));

    chsk.on("test/echo", event -> event.reply(event.data()));
    chsk.on("test/push-me", this::pushMe);
    chsk.on("test/push-to", this::pushTo);
    chsk.on("test/broadcast", this::broadcast);
    chsk.on("test/whoami", event -> event.reply(whoAmI(event)));
    chsk.on("test/uids", event -> event.reply(uids(chsk)));
    chsk.on("test/never-reply", event -> {});
    chsk.on("test/reply-later", TestEvents::replyLater);
    chsk.on(
        "test/reply-twice",
        event -> {
          event.reply(keyword("first"));
          event.reply(keyword("second"));
        });
    chsk.on("test/close-me", event -> push(chsk, event.uid(), CLOSE, false));
    chsk.on(
        "test/push-then-close",
        event -> {
          push(event.uid(), Edn.count(event.data(), "n"), false);
          push(chsk, event.uid(), CLOSE, false);
        });
    chsk.on(
        "test/throw",
        event -> {
          throw new IllegalStateException("thrown as asked");
        });
    chsk.otherwise(
        event -> {
          if (!EventIds.isProtocol(event.id())) {
            event.replyError("no-handler", "nothing handles " + event.id());
          }
        });
  }

  private void pushMe(IncomingEvent event) {
    int n = Edn.count(event.data(), "n");
    push(event.uid(), n, Edn.flag(event.data(), "flush?"));
    event.reply(Map.of(keyword("pushing"), n));
  }

  private void push(@Nullable String uid, int n, boolean flush) {
    for (int i = 0; i < n; i++) {
      push(chsk, uid, Event.of("test/pushed", i), flush);
    }
  }

  /** Whoever asks for it is nobody in particular here: nil is all clients without a user. */
  static void push(ChannelSocketServer chsk, @Nullable String uid, Event event, boolean flush) {
    if (uid == null) {
      chsk.pushAnonymous(event, flush);
    } else {
      chsk.push(uid, event, flush);
    }
  }

  private void pushTo(IncomingEvent event) {
    var data = event.data();
    push(
        chsk,
        Edn.uid(Edn.field(data, "uid")),
        Edn.event(Edn.field(data, "ev")),
        Edn.flag(data, "flush?"));
    event.reply(keyword("ok"));
  }

  private void broadcast(IncomingEvent event) {
    var uids = Set.copyOf(chsk.connectedUsers().any());
    uids.forEach(uid -> chsk.push(uid, Event.of("test/broadcast", event.data())));
    event.reply(Map.of(keyword("sent-to"), uids.size()));
  }

  private static Map<Object, @Nullable Object> whoAmI(IncomingEvent event) {
    var answer = new LinkedHashMap<Object, @Nullable Object>();
    answer.put(keyword("uid"), event.uid());
    answer.put(keyword("client-id"), event.clientId());
    return answer;
  }

  private static void replyLater(IncomingEvent event) {
    int ms = Edn.count(event.data(), "ms");
    CompletableFuture.delayedExecutor(ms, TimeUnit.MILLISECONDS)
        .execute(() -> event.reply(Map.of(keyword("late"), ms)));
  }

  /** Who is connected: {@code {:ws #{} :ajax #{} :any #{}}}. */
  static Map<Object, Set<String>> uids(ChannelSocketServer chsk) {
    var users = chsk.connectedUsers();
    var answer = new LinkedHashMap<Object, Set<String>>();
    answer.put(keyword("ws"), new TreeSet<>(users.webSocket()));
    answer.put(keyword("ajax"), new TreeSet<>(users.ajax()));
    answer.put(keyword("any"), new TreeSet<>(users.any()));
    return answer;
  }

  private static Map<Object, @Nullable Object> logged(IncomingEvent event) {
    var request = event.request();
    var vector = new ArrayList<@Nullable Object>();
    vector.add(keyword(event.id()));
    if (event.data() != null) {
      vector.add(event.data());
    }
    var answer = new LinkedHashMap<Object, @Nullable Object>();
    answer.put(keyword("event"), vector);
    answer.put(keyword("uid"), event.uid());
    answer.put(keyword("cid"), event.clientId());
    answer.put(keyword("reply?"), event.wantsReply());
    answer.put(keyword("method"), keyword(request.http().method().toLowerCase(Locale.ROOT)));
    answer.put(keyword("ws?"), request.isWebSocket());
    return answer;
  }
}
