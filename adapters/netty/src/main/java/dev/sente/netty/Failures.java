package dev.sente.netty;

import io.netty.handler.codec.DecoderException;
import java.io.IOException;
import javax.net.ssl.SSLException;

/** How failures of a connection are logged: peers that go away are no news. */
final class Failures {

  private Failures() {}

  static void log(Throwable cause) {
    if (cause instanceof IOException
        || cause instanceof DecoderException
        || cause.getCause() instanceof SSLException) {
      NettyServer.LOG.debug("A connection has failed: {}", cause.toString());
    } else {
      NettyServer.LOG.warn("A connection has failed", cause);
    }
  }
}
