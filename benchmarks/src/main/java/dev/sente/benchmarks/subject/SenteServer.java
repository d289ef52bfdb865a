package dev.sente.benchmarks.subject;

import dev.sente.benchmarks.load.Note;
import dev.sente.benchmarks.load.Shape;
import dev.sente.event.Event;
import dev.sente.netty.LoopThreads;
import dev.sente.netty.NettyServer;
import dev.sente.server.ChannelSocketServer;
import java.util.ArrayList;
import java.util.List;

/**
 * Ours, through its public API, with all options at their defaults, or with hooks and handlers on
 * {@link LoopThreads}. A client's user is itself.
 */
public final class SenteServer implements Serving {

  /** The argument for hooks and handlers on virtual threads that the event loops carry. */
  public static final String LOOPS = "loops";

  private final ChannelSocketServer chsk;
  private final NettyServer server;

  private SenteServer(boolean onLoops) {
    var builder = ChannelSocketServer.builder().userId(request -> request.clientId());
    chsk = (onLoops ? builder.executor(LoopThreads.executor()) : builder).build();
    chsk.on("bench/echo", Note.class, (note, event) -> event.reply(note));
    server = NettyServer.builder().engine(chsk).port(0).start();
  }

  /** Serves. */
  public static void main(String[] args) {
    Console.serve(new SenteServer(List.of(args).contains(LOOPS)));
  }

  @Override
  public int port() {
    return server.port();
  }

  @Override
  public void broadcast(long number, int count) {
    int everyone = Integer.parseInt(Shape.name(Shape.EVERYONE));
    var events = new ArrayList<Event>(count);
    for (int i = 0; i < count; i++) {
      events.add(Event.of("bench/news", new Note(number + i, everyone, Note.NEWS)));
    }
    chsk.broadcast(events);
  }

  @Override
  public void push(long number, int first, int count) {
    for (int client = first; client < first + count; client++) {
      var name = Shape.name(client);
      var post = new Note(number, Integer.parseInt(name), Note.POST);
      chsk.push(name, Event.of("bench/post", post));
    }
  }
}
