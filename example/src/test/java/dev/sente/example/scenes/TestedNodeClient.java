package dev.sente.example.scenes;

import dev.sente.packer.PackedValue;
import dev.sente.testkit.clients.ClientListener;
import dev.sente.testkit.clients.Credentials;
import dev.sente.testkit.clients.TestedClient;
import dev.sente.testkit.clients.TestedOptions;
import dev.sente.testkit.clients.TestedState;
import dev.sente.wire.Reply;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** A TypeScript client in Node, as the scenes see it. */
final class TestedNodeClient implements TestedClient {

  private final NodeProcess node;
  private final int number;
  private final ClientListener listener;

  TestedNodeClient(NodeProcess node, URI uri, TestedOptions options, ClientListener listener) {
    this.node = node;
    this.listener = listener;
    this.number = node.add(this::hear);
    var given = new LinkedHashMap<String, @Nullable Object>();
    given.put("type", options.type().name().toLowerCase(Locale.ROOT));
    given.put("isClassic", options.classic());
    given.put("packer", options.packer().name());
    given.put("clientId", options.clientId());
    given.put("credentials", options.credentials());
    given.put("handshakeTimeoutMs", options.handshakeTimeout().toMillis());
    given.put("pollTimeoutMs", options.pollTimeout().toMillis());
    given.put("maxQueuedMessages", options.maxQueuedMessages());
    given.put("chance", TestedOptions.CHANCE);
    call("open", Map.of("url", uri.toString(), "options", given));
  }

  private void hear(JsonNode said) {
    if (said.has("event")) {
      var event = said.path("event");
      listener.onEvent(event.path("id").asString(), plain(event.path("data")));
    } else if (said.has("state")) {
      listener.onState(told(said.path("state")));
    } else {
      listener.onError(said.path("error").asString());
    }
  }

  private static TestedState told(JsonNode state) {
    var close = state.path("lastClose");
    var lost = state.path("lost");
    return new TestedState(
        state.path("type").asString(),
        state.path("open").asBoolean(),
        state.path("firstOpen").asBoolean(),
        text(state.path("uid")),
        plain(state.path("handshakeData")),
        state.path("resumed").asBoolean(),
        text(lost.path("reason")),
        lost.path("sent").valueStream().map(JsonNode::asString).toList(),
        text(close.path("reason")),
        number(close.path("code")),
        number(close.path("status")));
  }

  private static @Nullable String text(JsonNode node) {
    return node.isString() ? node.asString() : null;
  }

  private static @Nullable Integer number(JsonNode node) {
    return node.isNumber() ? node.asInt() : null;
  }

  private static @Nullable Object plain(JsonNode node) {
    return node.isMissingNode() ? null : NodeProcess.JSON.treeToValue(node, Object.class);
  }

  private JsonNode call(String deed, Map<String, ?> more) {
    return node.call(number, deed, more).orTimeout(60, TimeUnit.SECONDS).join();
  }

  private void call(String deed) {
    call(deed, Map.of());
  }

  private static Map<String, @Nullable Object> event(String id, @Nullable Object data) {
    var event = new LinkedHashMap<String, @Nullable Object>();
    event.put("id", id);
    event.put("data", data);
    return event;
  }

  @Override
  public boolean send(String id, @Nullable Object data) {
    return call("send", event(id, data)).asBoolean();
  }

  @Override
  public CompletableFuture<Reply> request(String id, @Nullable Object data, Duration timeout) {
    var request = event(id, data);
    request.put("timeoutMs", timeout.toMillis());
    return node.call(number, "request", request).thenApply(TestedNodeClient::reply);
  }

  private static Reply reply(JsonNode said) {
    return switch (said.path("kind").asString()) {
      case "value" -> new Reply.Value(PackedValue.of(plain(said.path("value"))));
      case "remote" ->
          new Reply.RemoteError(
              said.path("detail").path("code").asString(""),
              text(said.path("detail").path("message")));
      case "timeout" -> new Reply.TimedOut();
      case "closed" -> new Reply.Closed();
      case "refused" -> new Reply.Refused(said.path("message").asString());
      default -> throw new AssertionError("no outcome: " + said);
    };
  }

  @Override
  public void credentials(Credentials credentials) {
    call("credentials", Map.of("credentials", credentials));
  }

  @Override
  public void connect() {
    call("connect");
  }

  @Override
  public void reconnect() {
    call("reconnect");
  }

  @Override
  public void disconnect() {
    call("disconnect");
  }

  @Override
  public void networkChanged() {
    call("networkChanged");
  }

  @Override
  public void close() {
    call("close");
    node.remove(number);
  }
}
