package dev.sente.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sente.client.ChannelSocketClient;
import dev.sente.event.Event;
import dev.sente.netty.NettyServer;
import dev.sente.packer.transit.TransitPacker;
import dev.sente.server.ChannelSocketServer;
import dev.sente.testkit.FakeTime;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The public API is committed as text, so that a change of it shows in review. */
final class PublicApiTest {

  private static final String COMMAND =
      "mvn -pl client -am test -Dtest=PublicApiTest"
          + " -Dsurefire.failIfNoSpecifiedTests=false -Dsente.api.write=true";

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "sente-core",
    "sente-transit",
    "sente-server",
    "sente-testkit",
    "sente-netty",
    "sente-client"
  })
  void isAsCommitted(String artifact) throws IOException, URISyntaxException {
    var committed = Path.of(System.getProperty("sente.root", ".."), "api", artifact + ".txt");
    var now = ApiText.of(anchor(artifact));
    if (Boolean.getBoolean("sente.api.write")) {
      Files.createDirectories(committed.getParent());
      Files.writeString(committed, now);
    }
    assertThat(now)
        .as("The public API of %s has changed. If it was meant to: %s", artifact, COMMAND)
        .isEqualTo(Files.exists(committed) ? Files.readString(committed) : "");
  }

  private static Class<?> anchor(String artifact) {
    return switch (artifact) {
      case "sente-core" -> Event.class;
      case "sente-transit" -> TransitPacker.class;
      case "sente-server" -> ChannelSocketServer.class;
      case "sente-testkit" -> FakeTime.class;
      case "sente-netty" -> NettyServer.class;
      case "sente-client" -> ChannelSocketClient.class;
      default -> throw new IllegalArgumentException(artifact);
    };
  }
}
