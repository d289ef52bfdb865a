package dev.sente.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class FaultProxyTest {

  /** How long nothing must come. */
  private static final int QUIET_MILLIS = 200;

  @AutoClose
  private final ServerSocket listening = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());

  @AutoClose private final FaultProxy proxy = FaultProxy.to(listening.getLocalPort());

  @AutoClose
  private final Socket client = new Socket(InetAddress.getLoopbackAddress(), proxy.port());

  @AutoClose private final Socket server = listening.accept();

  FaultProxyTest() throws IOException {
    // All is under way before anything is broken.
    client.getOutputStream().write(1);
    assertThat(server.getInputStream().read()).isEqualTo(1);
    server.getOutputStream().write(2);
    assertThat(client.getInputStream().read()).isEqualTo(2);
  }

  @Test
  void theEndOfAStreamPasses() throws IOException {
    client.shutdownOutput();
    assertThat(server.getInputStream().read()).isEqualTo(-1);
    server.getOutputStream().write(3);
    assertThat(client.getInputStream().read()).isEqualTo(3);
  }

  @Test
  void nothingPassesAStalledConnectionNeitherItsEnd() throws IOException {
    proxy.breakAll(Fault.Kind.STALL);
    client.close();
    server.setSoTimeout(QUIET_MILLIS);
    assertThatThrownBy(() -> server.getInputStream().read())
        .isInstanceOf(SocketTimeoutException.class);
  }

  @ParameterizedTest
  @EnumSource(names = {"STALL", "HALF_OPEN"})
  void whatHasBefallenAConnectionByItsNumberEndsWithItsSides(Fault.Kind kind) throws IOException {
    for (var direction : Fault.Direction.values()) {
      proxy.faults(number -> Fault.after(1, direction, kind));
      var one = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
      var other = listening.accept();
      boolean isToServer = direction == Fault.Direction.TO_SERVER;
      (isToServer ? one : other).getOutputStream().write(3);
      assertThat((isToServer ? other : one).getInputStream().read()).isEqualTo(3);
      one.close();
      other.close();
      while (proxy.open() > 1) {
        assertThat(Thread.interrupted()).as("time is over").isFalse();
      }
    }
  }

  @Test
  void aStalledConnectionThatBothSidesHaveLeftIsOver() throws IOException {
    proxy.breakAll(Fault.Kind.STALL);
    client.close();
    server.close();
    while (proxy.open() > 0) {
      assertThat(Thread.interrupted()).as("time is over").isFalse();
    }
  }
}
