package dev.sente.example.scenes;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Node with {@code client-ts/test/scenes/driver.mjs}, spoken to in lines of JSON. */
final class NodeProcess implements AutoCloseable {

  static final JsonMapper JSON = JsonMapper.builder().build();

  private final Path folder;
  private final AtomicInteger lastClient = new AtomicInteger();
  private final AtomicInteger lastCall = new AtomicInteger();
  private final Map<Integer, CompletableFuture<JsonNode>> calls = new ConcurrentHashMap<>();
  private final Map<Integer, Consumer<JsonNode>> clients = new ConcurrentHashMap<>();
  private final ReentrantLock writing = new ReentrantLock();
  private @Nullable Process node;
  private @Nullable BufferedWriter toNode;

  NodeProcess(Path folder) {
    this.folder = folder;
  }

  void start() {
    for (var needed : new String[] {"dist/index.js", "node_modules/ws"}) {
      if (!Files.exists(folder.resolve(needed))) {
        throw new AssertionError(
            "The TypeScript client is not built (no "
                + needed
                + " in client-ts): run \"npm ci && npm run build\" in client-ts, or ./sente test,"
                + " which does.");
      }
    }
    try {
      node =
          new ProcessBuilder("node", "test/scenes/driver.mjs")
              .directory(folder.toFile())
              .redirectError(Redirect.INHERIT)
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException("Node 20 or newer must be on the PATH", e);
    }
    toNode = node.outputWriter();
    var fromNode = node.inputReader();
    Thread.ofPlatform().daemon().name("from-node").start(() -> hear(fromNode));
  }

  /** A number for a new client, which is told what comes for it, one thing after the other. */
  int add(Consumer<JsonNode> client) {
    int number = lastClient.incrementAndGet();
    clients.put(number, client);
    return number;
  }

  void remove(int number) {
    clients.remove(number);
  }

  /**
   * Has a client do something.
   *
   * @return what comes of it; fails if it throws
   */
  CompletableFuture<JsonNode> call(int client, String deed, Map<String, ?> more) {
    var answer = new CompletableFuture<JsonNode>();
    int call = lastCall.incrementAndGet();
    calls.put(call, answer);
    var line = JSON.createObjectNode().put("call", call).put("client", client).put("do", deed);
    more.forEach((name, value) -> line.set(name, JSON.valueToTree(value)));
    writing.lock();
    try {
      var writer = toNode;
      if (writer == null) {
        throw new IllegalStateException("not started");
      }
      writer.write(line + "\n");
      writer.flush();
    } catch (IOException e) {
      answer.completeExceptionally(e);
    } finally {
      writing.unlock();
    }
    return answer;
  }

  private void hear(BufferedReader fromNode) {
    var end = new IllegalStateException("Node has ended");
    try {
      for (var line = fromNode.readLine(); line != null; line = fromNode.readLine()) {
        hear(JSON.readTree(line));
      }
    } catch (IOException e) {
      end.initCause(e);
    }
    calls.values().forEach(call -> call.completeExceptionally(end));
  }

  private void hear(JsonNode said) {
    if (!said.has("call")) {
      var client = clients.get(said.path("client").asInt());
      if (client != null) {
        client.accept(said);
      }
      return;
    }
    var call = calls.remove(said.path("call").asInt());
    if (call == null) {
      return;
    }
    if (said.has("threw")) {
      call.completeExceptionally(new AssertionError(said.path("threw").asString()));
    } else {
      call.complete(said.path("value"));
    }
  }

  @Override
  public void close() {
    var process = node;
    if (process == null) {
      return;
    }
    try {
      process.outputWriter().close();
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (IOException | InterruptedException e) {
      process.destroyForcibly();
    }
  }
}
