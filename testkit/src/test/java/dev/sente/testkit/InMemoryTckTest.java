package dev.sente.testkit;

import dev.sente.server.channel.ChannelEngine;
import java.util.ArrayList;
import java.util.List;

final class InMemoryTckTest extends AdapterTck {

  @Override
  protected RunningAdapter start(ChannelEngine engine) {
    var time = new FakeTime();
    var channels = new InMemoryChannels(engine, time);
    List<RawClient> clients = new ArrayList<>();
    return new RunningAdapter() {
      @Override
      public RawClient connect() {
        var client = new InMemoryClient(channels, engine, time);
        clients.add(client);
        return client;
      }

      @Override
      public void settle() {
        time.settle();
      }

      @Override
      public void close() {
        time.settle();
        clients.forEach(RawClient::close);
        time.settle();
      }
    };
  }
}
