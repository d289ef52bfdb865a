package dev.sente.example;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sente.server.channel.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The example's pages, asked by strangers. */
final class PagesTest {

  @ParameterizedTest
  @ValueSource(strings = {"", "nonsense", "null", "[]", "{}", "{\"uid\":null}", "{\"uid\":\" \"}"})
  void aLoginWithoutANameIsRefused(String body) throws Exception {
    var pages = new Pages(new BrowserSessions());
    var bytes = body.getBytes(StandardCharsets.UTF_8);
    var request = new HttpRequest("POST", "/login", null, Map.of(), "127.0.0.1", false, bytes);
    assertThat(pages.handle(request).status()).isEqualTo(400);
  }
}
