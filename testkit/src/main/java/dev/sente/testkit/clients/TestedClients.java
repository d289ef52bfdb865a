package dev.sente.testkit.clients;

import java.net.URI;

/** Makes the clients that {@link ClientScenes} tests. */
@FunctionalInterface
public interface TestedClients {

  /**
   * A new client that connects to a server at once. May be called by several threads.
   *
   * @param uri the server's, of the scheme http
   * @param listener told of all that comes, from the first event on
   */
  TestedClient connect(URI uri, TestedOptions options, ClientListener listener);
}
