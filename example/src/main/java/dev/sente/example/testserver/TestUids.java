package dev.sente.example.testserver;

import dev.sente.server.gate.ConnectRequest;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Who a request claims to be: the parameter {@code uid} ({@code __nil} for nobody), else what this
 * client-id claimed with its last GET, else the client-id. Sente's client sends its parameters with
 * GETs only, hence the memory.
 */
final class TestUids {

  private static final int MAX_CLIENTS = 50_000;

  private final ReentrantLock lock = new ReentrantLock();

  /** By client-id, the oldest first. Guarded by the lock. */
  private final Map<String, Optional<String>> claimed = new LinkedHashMap<>();

  @Nullable String of(ConnectRequest request) {
    var clientId = request.clientId();
    var given = request.param("uid");
    lock.lock();
    try {
      if (given.isPresent()) {
        var uid = given.filter(text -> !text.equals("__nil"));
        if (request.http().method().equals("GET")) {
          claimed.put(clientId, uid);
          if (claimed.size() > MAX_CLIENTS) {
            claimed.remove(claimed.keySet().iterator().next());
          }
        }
        return uid.orElse(null);
      }
      return claimed.getOrDefault(clientId, Optional.of(clientId)).orElse(null);
    } finally {
      lock.unlock();
    }
  }
}
