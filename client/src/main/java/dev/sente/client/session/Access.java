package dev.sente.client.session;

import dev.sente.client.ClientOptions;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What a connection's requests carry, asked anew for each connection.
 *
 * @param headers by their names in any case; {@code Authorization} among them
 */
record Access(
    Map<String, String> params,
    Map<String, String> headers,
    @Nullable String csrfToken,
    @Nullable String authorization) {

  /**
   * Asks the application. May block.
   *
   * @throws IllegalArgumentException if it gives a name or value that is null
   */
  static Access of(ClientOptions options) {
    var headers = new TreeMap<String, String>(String.CASE_INSENSITIVE_ORDER);
    headers.putAll(withoutNull("headers", options.headers().get()));
    var authorization = options.authorization().get();
    if (authorization != null) {
      headers.put("Authorization", authorization);
    }
    return new Access(
        new LinkedHashMap<>(withoutNull("params", options.params().get())),
        headers,
        options.csrfToken().get(),
        headers.get("Authorization"));
  }

  /** Told here, where nothing has begun yet, and by its name. */
  private static Map<String, String> withoutNull(String option, Map<String, String> given) {
    given.forEach(
        (@Nullable String name, @Nullable String value) -> {
          if (name == null || value == null) {
            throw new IllegalArgumentException(option + " must not give null, gave it for " + name);
          }
        });
    return given;
  }
}
