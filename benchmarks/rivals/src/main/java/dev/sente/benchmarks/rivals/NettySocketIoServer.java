package dev.sente.benchmarks.rivals;

import com.corundumstudio.socketio.Configuration;
import com.corundumstudio.socketio.SocketIOServer;
import com.corundumstudio.socketio.Transport;
import com.corundumstudio.socketio.listener.DefaultExceptionListener;
import dev.sente.benchmarks.load.Note;
import dev.sente.benchmarks.subject.Console;
import dev.sente.benchmarks.subject.Serving;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.epoll.Epoll;
import java.io.IOException;
import java.net.ServerSocket;

/** netty-socketio. A client's user is a room that it alone is in; a reply is an acknowledgement. */
public final class NettySocketIoServer implements Serving {

  private final SocketIOServer server;

  private NettySocketIoServer() throws IOException {
    var configuration = new Configuration();
    configuration.setPort(freePort());
    configuration.setTransports(Transport.WEBSOCKET);
    configuration.setUseLinuxNativeEpoll(Epoll.isAvailable());
    configuration.setHttpCompression(false);
    configuration.setWebsocketCompression(false);
    configuration.setExceptionListener(new Resets());
    server = new SocketIOServer(configuration);
    server.addConnectListener(
        client -> client.joinRoom(client.getHandshakeData().getSingleUrlParam("user")));
    server.addEventListener("echo", Note.class, (client, note, ack) -> ack.sendAckData(note));
    server.start();
  }

  /** Serves. */
  public static void main(String[] args) throws IOException {
    Console.serve(new NettySocketIoServer());
  }

  /** Passes over connections that are cut, as ours does. */
  private static final class Resets extends DefaultExceptionListener {

    @Override
    public boolean exceptionCaught(ChannelHandlerContext context, Throwable cause)
        throws Exception {
      return cause instanceof IOException || super.exceptionCaught(context, cause);
    }
  }

  /** It does not tell which port it has got. */
  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  @Override
  public int port() {
    return server.getConfiguration().getPort();
  }

  @Override
  public void broadcast(long number, int count) {
    for (int i = 0; i < count; i++) {
      server.getBroadcastOperations().sendEvent("news", Note.news(number + i));
    }
  }

  @Override
  public void push(long number, int first, int count) {
    for (int client = first; client < first + count; client++) {
      var post = Note.post(number, client);
      server.getRoomOperations(Integer.toString(post.to())).sendEvent("post", post);
    }
  }
}
