package dev.sente.benchmarks.rivals;

import dev.sente.benchmarks.load.Note;
import dev.sente.benchmarks.subject.Console;
import dev.sente.benchmarks.subject.Serving;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.cometd.bayeux.Promise;
import org.cometd.bayeux.server.BayeuxServer;
import org.cometd.bayeux.server.LocalSession;
import org.cometd.bayeux.server.ServerMessage;
import org.cometd.bayeux.server.ServerSession;
import org.cometd.server.AbstractService;
import org.cometd.server.BayeuxServerImpl;
import org.cometd.server.websocket.jetty.JettyWebSocketTransport;
import org.eclipse.jetty.server.Context;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.ContextHandler;
import org.eclipse.jetty.websocket.server.ServerWebSocketContainer;
import org.eclipse.jetty.websocket.server.WebSocketUpgradeHandler;
import org.jspecify.annotations.Nullable;

/**
 * CometD on Jetty, its messages being maps as they are there. A reply comes from a service channel;
 * a client's user is found by its session, which the handshake names.
 */
public final class CometdServer implements Serving {

  private static final String NEWS = "/news";
  private static final String POST = "/post";

  private final BayeuxServerImpl bayeux = new BayeuxServerImpl();
  private final Map<String, ServerSession> users = new ConcurrentHashMap<>();
  private final ServerConnector connector;
  private final LocalSession sender;

  private CometdServer() throws Exception {
    var server = new Server();
    connector = new ServerConnector(server);
    server.addConnector(connector);
    var context = new ContextHandler("/");
    server.setHandler(context);
    var container = ServerWebSocketContainer.ensure(server, context);
    context.setHandler(new WebSocketUpgradeHandler(container));

    bayeux.setOption(Context.class.getName(), context.getContext());
    bayeux.setOption("ws.cometdURLMapping", "/cometd");
    bayeux.addTransport(new JettyWebSocketTransport(bayeux));
    bayeux.setAllowedTransports("websocket");
    bayeux.addListener(
        new BayeuxServer.SessionListener() {
          @Override
          public void sessionAdded(ServerSession session, @Nullable ServerMessage message) {
            var ext = message == null ? null : message.getExt();
            if (ext != null) {
              users.put(String.valueOf(ext.get("user")), session);
            }
          }
        });
    context.addBean(bayeux);
    server.start();

    bayeux.createChannelIfAbsent(NEWS, channel -> channel.setPersistent(true));
    new EchoService(bayeux);
    sender = bayeux.newLocalSession("bench");
    sender.handshake();
  }

  /** Serves. */
  public static void main(String[] args) throws Exception {
    Console.serve(new CometdServer());
  }

  @Override
  public int port() {
    return connector.getLocalPort();
  }

  @Override
  public void broadcast(long number, int count) {
    for (int i = 0; i < count; i++) {
      bayeux.getChannel(NEWS).publish(sender, data(Note.news(number + i)), Promise.noop());
    }
  }

  @Override
  public void push(long number, int first, int count) {
    for (int client = first; client < first + count; client++) {
      var post = Note.post(number, client);
      var session = users.get(Integer.toString(post.to()));
      if (session == null) {
        throw new IllegalStateException("nobody is called " + post.to());
      }
      session.deliver(sender, POST, data(post), Promise.noop());
    }
  }

  private static Map<String, Object> data(Note note) {
    var data = new LinkedHashMap<String, Object>();
    data.put("n", note.n());
    data.put("to", note.to());
    data.put("text", note.text());
    return data;
  }

  /**
   * What a service's method returns is delivered to who asked. Public, for its method is looked up.
   */
  public static final class EchoService extends AbstractService {

    EchoService(BayeuxServer bayeux) {
      super(bayeux, "echo");
      addService("/service/echo", "echo");
    }

    /** Called by its name. */
    public Object echo(ServerSession remote, ServerMessage message) {
      return message.getData();
    }
  }
}
