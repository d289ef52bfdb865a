package dev.sente.testkit;

import dev.sente.packer.edn.EdnPacker;
import dev.sente.packer.json.JsonPacker;
import dev.sente.server.Builder;
import dev.sente.server.ChannelSocketServer;
import dev.sente.server.Dropped;
import dev.sente.server.router.IncomingEvent;
import dev.sente.server.users.PresenceChange;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** A whole server in virtual time, and what it told the application. */
final class Scene {

  final FakeTime time = new FakeTime();
  final List<String> events = new ArrayList<>();
  final List<PresenceChange> presence = new ArrayList<>();
  final List<Dropped> dropped = new ArrayList<>();
  final List<Throwable> errors = new ArrayList<>();
  final ChannelSocketServer server;
  final InMemoryChannels channels;

  Scene() {
    this(options -> options);
  }

  /** The user is the parameter {@code uid}, or none. */
  Scene(UnaryOperator<Builder> options) {
    var defaults =
        ChannelSocketServer.builder()
            .packers(EdnPacker.DEFAULT, JsonPacker.DEFAULT)
            .userId(request -> request.param("uid").orElse(null))
            .onDropped(dropped::add)
            .time(time)
            .executor(time);
    server = options.apply(defaults).build();
    server.onError((event, error) -> errors.add(error));
    server.trace(event -> events.add(shown(event)));
    server.on("test/echo", event -> event.reply(event.data()));
    server.on("test/nocb", event -> {});
    server.on("test/never-reply", event -> {});
    server.on(
        "test/throw",
        event -> {
          throw new IllegalStateException("secret internals");
        });
    server.connectedUsers().onChange(presence::add);
    channels = new InMemoryChannels(server, time);
  }

  private static String shown(IncomingEvent event) {
    return event.id() + " " + event.data() + " from " + event.uid();
  }

  InMemorySocket connect(String query) {
    var answer = channels.webSocket(query);
    time.settle();
    return answer.socket();
  }

  InMemoryChannels.InMemoryAnswer get(String query, String... headers) {
    var answer = channels.get(query, headers);
    time.settle();
    return answer;
  }

  InMemoryChannels.InMemoryAnswer post(String query, String packed, String... headers) {
    var answer =
        channels.post(
            query + "&ppstr=" + URLEncoder.encode(packed, StandardCharsets.UTF_8), headers);
    time.settle();
    return answer;
  }

  void say(InMemorySocket socket, String text) {
    socket.sendText(text);
    time.settle();
  }

  void pass(long millis) {
    time.advance(Duration.ofMillis(millis));
  }
}
