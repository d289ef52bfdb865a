package dev.sente.server;

import dev.sente.server.users.UserClient;
import dev.sente.wire.Outgoing;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/** What becomes of a push. Costs nothing until it is asked. */
public final class Delivery {

  private final List<Outgoing> pushed;
  private final List<UserClient> clients;
  private final Executor executor;

  Delivery(List<Outgoing> pushed, List<UserClient> clients, Executor executor) {
    this.pushed = pushed;
    this.clients = clients;
    this.executor = executor;
  }

  /**
   * How many clients it was pushed to. One that has begun a new session, while its last one is
   * still there, counts once.
   */
  public int clients() {
    return (int) clients.stream().map(UserClient::clientId).distinct().count();
  }

  /**
   * Completes when it is known of every client whether it has all that was pushed; on any thread. A
   * client that is away keeps it waiting, at most for its grace and the resume window. To be asked
   * at once: of a client whose session has ended since, nothing is known any more, and it counts as
   * unconfirmed.
   */
  public CompletableFuture<Outcome> outcome() {
    var future = new CompletableFuture<Outcome>();
    Set<String> acknowledged = ConcurrentHashMap.newKeySet();
    var open = new AtomicInteger(clients.size());
    if (clients.isEmpty()) {
      future.complete(new Outcome(0, 0));
    }
    for (var client : clients) {
      client.watch(
          pushed,
          has -> {
            if (has) {
              acknowledged.add(client.clientId());
            }
            if (open.decrementAndGet() == 0) {
              int have = acknowledged.size();
              executor.execute(() -> future.complete(new Outcome(have, clients() - have)));
            }
          });
    }
    return future;
  }

  /**
   * How many clients have all that was pushed.
   *
   * @param acknowledged those that have acknowledged it
   * @param unconfirmed those that never will: lost to overflow, not come back, ended before it was
   *     asked, unable to pack it, or classic clients, whose mode knows no acknowledgements
   */
  public record Outcome(int acknowledged, int unconfirmed) {}
}
