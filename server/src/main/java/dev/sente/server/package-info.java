/**
 * The server. Begin at {@link dev.sente.server.ChannelSocketServer}; a web server's adapter hands
 * it the requests.
 */
@NullMarked
package dev.sente.server;

import org.jspecify.annotations.NullMarked;
