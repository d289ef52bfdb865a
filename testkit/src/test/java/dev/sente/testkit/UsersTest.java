package dev.sente.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sente.event.Event;
import dev.sente.mailbox.Lane;
import dev.sente.packer.Packer;
import dev.sente.packer.json.JsonPacker;
import dev.sente.server.gate.ConnectRequest;
import dev.sente.server.router.Router;
import dev.sente.server.users.UserClient;
import dev.sente.server.users.Users;
import dev.sente.wire.Outgoing;
import dev.sente.wire.Reply;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class UsersTest {

  private static final int THREADS = 4;
  private static final int TURNS = 20_000;

  private final Packer packer = JsonPacker.DEFAULT;
  private final Users users = new Users(new Router(new FakeTime()), Runnable::run);

  @Test
  void aUsersClientsAreThoseWhoHaveJoinedAndNotGoneWhateverOthersDo() throws Exception {
    try (var threads = Executors.newFixedThreadPool(THREADS)) {
      var all = new ArrayList<Future<?>>();
      for (int i = 0; i < THREADS; i++) {
        all.add(threads.submit(this::comeAndGo));
      }
      for (var one : all) {
        one.get();
      }
    }
    assertThat(users.clientsOf("u")).isEmpty();
  }

  private void comeAndGo() {
    var client = new Client();
    for (int i = 0; i < TURNS; i++) {
      users.joined(client);
      assertThat(users.clientsOf("u").contains(client)).isTrue();
      users.disconnected(client);
      assertThat(users.clientsOf("u").contains(client)).isFalse();
    }
  }

  private final class Client implements UserClient {

    private final Lane lane = new Lane(Runnable::run);

    @Override
    public String uid() {
      return "u";
    }

    @Override
    public String clientId() {
      return "c";
    }

    @Override
    public Packer packer() {
      return packer;
    }

    @Override
    public Lane lane() {
      return lane;
    }

    @Override
    public ConnectRequest request() {
      throw new UnsupportedOperationException();
    }

    @Override
    public void push(List<Outgoing> events, boolean flush, List<UserClient> to) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void close() {
      throw new UnsupportedOperationException();
    }

    @Override
    public void remove(int code, String reason) {
      throw new UnsupportedOperationException();
    }

    @Override
    public CompletableFuture<Reply> request(Event event, Duration timeout) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void watch(List<Outgoing> pushed, Consumer<Boolean> outcome) {
      throw new UnsupportedOperationException();
    }
  }
}
