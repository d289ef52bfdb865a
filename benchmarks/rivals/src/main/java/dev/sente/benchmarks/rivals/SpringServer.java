package dev.sente.benchmarks.rivals;

import dev.sente.benchmarks.load.Note;
import dev.sente.benchmarks.subject.Console;
import dev.sente.benchmarks.subject.Serving;
import java.io.IOException;
import java.nio.file.Files;
import java.security.Principal;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.websocket.server.WsSci;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.http.server.ServerHttpRequest;
import org.springframework.messaging.handler.annotation.MessageMapping;
import org.springframework.messaging.simp.SimpMessagingTemplate;
import org.springframework.messaging.simp.annotation.SendToUser;
import org.springframework.messaging.simp.config.MessageBrokerRegistry;
import org.springframework.stereotype.Controller;
import org.springframework.web.context.support.AnnotationConfigWebApplicationContext;
import org.springframework.web.servlet.DispatcherServlet;
import org.springframework.web.socket.WebSocketHandler;
import org.springframework.web.socket.config.annotation.EnableWebSocketMessageBroker;
import org.springframework.web.socket.config.annotation.StompEndpointRegistry;
import org.springframework.web.socket.config.annotation.WebSocketMessageBrokerConfigurer;
import org.springframework.web.socket.server.support.DefaultHandshakeHandler;

/**
 * Spring's STOMP over WebSocket with its simple broker, on Tomcat. All is at its defaults, but that
 * messages keep their order, without which they would not all be right; and that Tomcat takes more
 * connections.
 */
public final class SpringServer implements Serving {

  private final Tomcat tomcat = new Tomcat();
  private final SimpMessagingTemplate template;

  private SpringServer() throws Exception {
    Logger.getLogger("").setLevel(Level.WARNING);
    tomcat.setSilent(true);
    tomcat.setBaseDir(temporary());
    tomcat.setPort(0);
    tomcat.getConnector().setProperty("maxConnections", "20000");
    var context = tomcat.addContext("", null);
    context.addServletContainerInitializer(new WsSci(), null);
    var spring = new AnnotationConfigWebApplicationContext();
    spring.register(Broker.class);
    Tomcat.addServlet(context, "spring", new DispatcherServlet(spring)).setLoadOnStartup(1);
    context.addServletMapping("/", "spring");
    tomcat.start();
    template = spring.getBean(SimpMessagingTemplate.class);
  }

  /** Serves. */
  public static void main(String[] args) throws Exception {
    Console.serve(new SpringServer());
  }

  private static String temporary() throws IOException {
    var folder = Files.createTempDirectory("tomcat");
    folder.toFile().deleteOnExit();
    return folder.toString();
  }

  @Override
  public int port() {
    return tomcat.getConnector().getLocalPort();
  }

  @Override
  public void broadcast(long number, int count) {
    for (int i = 0; i < count; i++) {
      template.convertAndSend("/topic/news", Note.news(number + i));
    }
  }

  @Override
  public void push(long number, int first, int count) {
    for (int client = first; client < first + count; client++) {
      var post = Note.post(number, client);
      template.convertAndSendToUser(Integer.toString(post.to()), "/queue/notes", post);
    }
  }

  /** The broker, and who the users are. */
  @Configuration(proxyBeanMethods = false)
  @EnableWebSocketMessageBroker
  @Import(Echo.class)
  static class Broker implements WebSocketMessageBrokerConfigurer {

    @Override
    public void registerStompEndpoints(StompEndpointRegistry registry) {
      registry.addEndpoint("/stomp/*").setHandshakeHandler(new Named());
    }

    @Override
    public void configureMessageBroker(MessageBrokerRegistry registry) {
      registry.enableSimpleBroker("/topic", "/queue");
      registry.setApplicationDestinationPrefixes("/app");
      registry.setPreservePublishOrder(true);
    }
  }

  /** A user is called as the path ends. */
  private static final class Named extends DefaultHandshakeHandler {

    @Override
    protected Principal determineUser(
        ServerHttpRequest request, WebSocketHandler handler, Map<String, Object> attributes) {
      var path = request.getURI().getPath();
      var name = path.substring(path.lastIndexOf('/') + 1);
      return () -> name;
    }
  }

  /** Replies to who asked. */
  @Controller
  static class Echo {

    @MessageMapping("/echo")
    @SendToUser("/queue/notes")
    Note echo(Note note) {
      return note;
    }
  }
}
