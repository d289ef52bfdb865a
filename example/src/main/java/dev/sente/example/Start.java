package dev.sente.example;

import dev.sente.netty.NettyServer;
import dev.sente.netty.NettyServerBuilder;

/** How the servers here start. */
public final class Start {

  private Start() {}

  /** Starts the server; ends the process with a sentence where it cannot listen. */
  public static NettyServer orEnd(NettyServerBuilder server) {
    try {
      return server.start();
    } catch (IllegalStateException e) {
      var cause = e.getCause();
      var why = cause == null || cause.getMessage() == null ? cause : cause.getMessage();
      System.err.println(e.getMessage() + ": " + why);
      System.exit(1);
      throw e;
    }
  }
}
