package dev.sente.client.scenes;

import dev.sente.client.ChannelSocketClient;
import dev.sente.client.ClientOptions;
import dev.sente.client.ClientState;
import dev.sente.client.Protocol;
import dev.sente.client.TransportChoice;
import dev.sente.event.Event;
import dev.sente.testkit.clients.ClientListener;
import dev.sente.testkit.clients.Credentials;
import dev.sente.testkit.clients.TestedClient;
import dev.sente.testkit.clients.TestedOptions;
import dev.sente.testkit.clients.TestedState;
import dev.sente.wire.Reply;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** This client, as the scenes see it. */
final class TestedJavaClient implements TestedClient {

  /** Gives a share of any bound that is always the same. */
  private static final RandomGenerator CHANCE = () -> (long) (TestedOptions.CHANCE * 0x1p64);

  private final ChannelSocketClient client;
  private volatile Credentials credentials;

  TestedJavaClient(URI uri, TestedOptions options, ClientListener listener) {
    credentials = options.credentials();
    client =
        ChannelSocketClient.open(
            uri,
            ClientOptions.builder()
                .type(TransportChoice.valueOf(options.type().name()))
                .protocol(options.classic() ? Protocol.CLASSIC : Protocol.V2)
                .packer(options.packer())
                .clientId(options.clientId())
                .params(
                    () -> credentials.uid() == null ? Map.of() : Map.of("uid", credentials.uid()))
                .csrfToken(() -> credentials.csrfToken())
                .authorization(() -> credentials.authorization())
                .handshakeTimeout(options.handshakeTimeout())
                .pollTimeout(options.pollTimeout())
                .maxQueuedMessages(options.maxQueuedMessages())
                .maxQueuedBytes(100_000_000)
                .random(CHANCE)
                .onError((error, where) -> listener.onError(where + ": " + error))
                .build());
    client.onAny((event, isHandled) -> listener.onEvent(event.id(), event.data()));
    client.onState((state, previous) -> listener.onState(told(state)));
    client.answer("scene/echo", request -> request.data());
    client.answer(
        "scene/throw",
        request -> {
          throw new IllegalStateException("as asked for");
        });
    client.connect();
  }

  private static TestedState told(ClientState state) {
    var close = state.lastClose();
    var lost = state.lost();
    return new TestedState(
        state.type().name().toLowerCase(Locale.ROOT),
        state.open(),
        state.firstOpen(),
        state.uid(),
        state.handshakeData(),
        state.resumed(),
        lost == null ? null : lost.reason(),
        lost == null ? List.of() : lost.sent(),
        close == null ? null : close.reason().name().toLowerCase(Locale.ROOT).replace('_', '-'),
        close == null ? null : close.code(),
        close == null ? null : close.status());
  }

  @Override
  public void connect() {
    client.connect();
  }

  @Override
  public boolean send(String id, @Nullable Object data) {
    return client.send(id, data);
  }

  @Override
  public CompletableFuture<Reply> request(String id, @Nullable Object data, Duration timeout) {
    return client.request(Event.of(id, data), timeout);
  }

  @Override
  public void credentials(Credentials credentials) {
    this.credentials = credentials;
  }

  @Override
  public void reconnect() {
    client.reconnect();
  }

  @Override
  public void disconnect() {
    client.disconnect();
  }

  @Override
  public void networkChanged() {
    client.networkChanged();
  }

  @Override
  public void close() {
    client.close();
  }
}
