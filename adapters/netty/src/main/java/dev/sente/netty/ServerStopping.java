package dev.sente.netty;

/** The event that tells a server's connections to end what they are doing and close. */
enum ServerStopping {
  INSTANCE
}
