package dev.sente.testkit.clients;

/**
 * A web server with the channel's engine behind it, as {@link ClientScenes} sees it.
 *
 * @param port of the loopback address
 * @param stop ends it and all its connections at once
 */
public record ServerOnPort(int port, Runnable stop) {}
