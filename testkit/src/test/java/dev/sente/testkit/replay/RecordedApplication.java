package dev.sente.testkit.replay;

import dev.sente.event.Event;
import dev.sente.event.Keyword;
import dev.sente.packer.Packer;
import dev.sente.server.Builder;
import dev.sente.server.ChannelSocketServer;
import dev.sente.server.channel.HttpResponse;
import dev.sente.server.gate.AllowedOrigins;
import dev.sente.server.gate.ConnectRequest;
import dev.sente.server.gate.CsrfToken;
import dev.sente.server.router.IncomingEvent;
import dev.sente.testkit.FakeTime;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Our server, set up as the recorded one was, in virtual time. */
record RecordedApplication(FakeTime time, ChannelSocketServer server) {

  /** For the recording of this name. */
  static RecordedApplication of(String recording, Packer packer) {
    var time = new FakeTime();
    var uids = new HashMap<String, String>();
    var options =
        ChannelSocketServer.builder()
            .packers(packer)
            .userId(request -> userId(request, uids))
            .webSocketBatchWindow(Duration.ofMillis(30))
            .ajaxBatchWindow(Duration.ofMillis(100))
            .time(time)
            .executor(time);
    var server = options(recording, options).build();
    handle(server, time);
    return new RecordedApplication(time, server);
  }

  private static Builder options(String recording, Builder options) {
    if (recording.equals("raw-rejections-edn")) {
      return options
          .csrfToken(request -> CsrfToken.expected("tok-1234"))
          .allowedOrigins(AllowedOrigins.of(List.of("http://good.example")))
          .authorized(request -> request.param("authz").filter("sesame"::equals).isPresent())
          .reject(RecordedApplication::reject);
    }
    if (recording.equals("raw-oddities-edn")) {
      return options.longPollTimeout(Duration.ofSeconds(3));
    }
    if (recording.equals("raw-default-csrf-edn")) {
      return options;
    }
    if (recording.endsWith("-csrf")) {
      return options.csrfToken(request -> CsrfToken.expected("tok-1234"));
    }
    return options
        .handshakeData(RecordedApplication::handshakeData)
        .webSocketKeepAlive(Duration.ofSeconds(3))
        .longPollTimeout(Duration.ofMillis(2500));
  }

  /** The parameter; without it what this client gave before, else its client-id. */
  private static @Nullable String userId(ConnectRequest request, Map<String, String> uids) {
    request.param("uid").ifPresent(uid -> uids.put(request.clientId(), uid));
    var uid = uids.getOrDefault(request.clientId(), request.clientId());
    return uid.equals("__nil") ? null : uid;
  }

  private static @Nullable HttpResponse reject(ConnectRequest request) {
    return request.param("reject").isPresent() ? HttpResponse.text(418, "Rejected") : null;
  }

  private static Object handshakeData(ConnectRequest request) {
    var data = new LinkedHashMap<Keyword, Object>();
    data.put(Keyword.of("motd"), "hello");
    data.put(Keyword.of("n"), 42);
    return data;
  }

  private static void handle(ChannelSocketServer server, FakeTime time) {
    server.on("test/nocb", event -> {});
    server.on("test/echo", event -> event.reply(event.data()));
    server.on("test/push-me", event -> push(server, event));
    server.on("test/never-reply", event -> {});
    server.on(
        "test/reply-later",
        event -> {
          int delay = number(event, "ms");
          time.after(
              Duration.ofMillis(delay), () -> event.reply(Map.of(Keyword.of("late"), delay)));
        });
    server.on(
        "test/reply-twice",
        event -> {
          event.reply(Keyword.of("first"));
          event.reply(Keyword.of("second"));
        });
    server.on("test/close-me", event -> push(server, event, Event.of("chsk/close"), false));
    server.on(
        "test/throw",
        event -> {
          throw new IllegalStateException("thrown as asked for");
        });
    server.onError((event, error) -> {});
  }

  private static void push(ChannelSocketServer server, IncomingEvent event) {
    boolean flush = Boolean.TRUE.equals(part(event, "flush?"));
    for (int i = 0; i < number(event, "n"); i++) {
      push(server, event, Event.of("test/pushed", i), flush);
    }
  }

  private static void push(
      ChannelSocketServer server, IncomingEvent asked, Event event, boolean flush) {
    var uid = asked.uid();
    if (uid == null) {
      server.pushAnonymous(event, flush);
    } else {
      server.push(uid, event, flush);
    }
  }

  private static int number(IncomingEvent event, String key) {
    if (part(event, key) instanceof Number number) {
      return number.intValue();
    }
    throw new IllegalArgumentException("no number " + key + " in " + event.data());
  }

  private static @Nullable Object part(IncomingEvent event, String key) {
    return event.data() instanceof Map<?, ?> map ? map.get(Keyword.of(key)) : null;
  }
}
