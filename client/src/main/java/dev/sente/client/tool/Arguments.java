package dev.sente.client.tool;

import dev.sente.client.ClientOptions;
import dev.sente.client.ClientOptionsBuilder;
import dev.sente.client.Protocol;
import dev.sente.client.TransportChoice;
import dev.sente.packer.Packer;
import dev.sente.packer.edn.EdnPacker;
import dev.sente.packer.gzip.GzipPacker;
import dev.sente.packer.json.JsonPacker;
import dev.sente.packer.msgpack.MsgpackPacker;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What the command line says.
 *
 * @param command {@code send} or {@code listen}
 * @param words what follows the URL: an event and its data, or the ids to listen for
 * @param waitReply whether to send a request and print its answer
 * @param count how many events to listen for; 0 for no end
 */
record Arguments(
    String command,
    URI uri,
    List<String> words,
    Packer packer,
    Map<String, String> headers,
    TransportChoice transport,
    Protocol protocol,
    Duration timeout,
    boolean waitReply,
    int count,
    boolean quiet) {

  static final String USAGE =
      """
      Usage: sente send URL EVENT [DATA] [options]
             sente listen URL [EVENT ...] [options]

      Sends one event, or prints the events that come. DATA is edn or JSON: {:text "hi"} or {"text": "hi"}.
      URL is http(s) or ws(s), as http://localhost:8080/chsk.

        --wait-reply           send: ask, and print the answer as edn
        --count N              listen: stop after N events
        --packer NAME          json (default), edn, msgpack, or one of them with +gzip
        --header 'Name: value' sent with every request; may be repeated
        --transport NAME       auto (default), ws or ajax
        --protocol NAME        v2 (default) or classic
        --timeout-ms N         send: how long all may take (10000); listen: stop after so long (no end)
        --quiet                nothing but events and answers

      Events and answers go to standard output, one on a line; what happens otherwise to standard error.
      Exit codes: 0 done; 1 the server answered with an error, or with what is none of edn's values; 2 wrong
      usage; 3 no answer or no connection in time; 4 refused by the server (401, 403, signed out); 5 the
      session was lost, so the event may be.
      """;

  /** The command line makes no sense. */
  static final class UsageException extends Exception {
    private static final long serialVersionUID = 1;

    UsageException(String message) {
      super(message);
    }
  }

  static Arguments of(String... args) throws UsageException {
    var plain = new ArrayList<String>();
    var headers = new LinkedHashMap<String, String>();
    var values = new LinkedHashMap<String, String>();
    boolean waitReply = false;
    boolean quiet = false;
    for (int i = 0; i < args.length; i++) {
      switch (args[i]) {
        case "--wait-reply" -> waitReply = true;
        case "--quiet" -> quiet = true;
        case "--header" -> addHeader(headers, valueOf(args, i++));
        case "--packer", "--transport", "--protocol", "--timeout-ms", "--count" ->
            values.put(args[i], valueOf(args, i++));
        default -> {
          if (args[i].startsWith("--")) {
            throw new UsageException("there is no option " + args[i]);
          }
          plain.add(args[i]);
        }
      }
    }
    if (plain.size() < 2) {
      throw new UsageException("expected a command and a URL");
    }
    var command = plain.getFirst();
    var words = plain.subList(2, plain.size());
    switch (command) {
      case "send" -> {
        if (words.isEmpty() || words.size() > 2) {
          throw new UsageException("expected EVENT and at most one DATA, was " + words);
        }
      }
      case "listen" -> {}
      default -> throw new UsageException("there is no command " + command);
    }
    long millis = number(values, "--timeout-ms", command.equals("send") ? 10_000 : 0);
    return new Arguments(
        command,
        uri(plain.get(1)),
        words,
        packer(values.getOrDefault("--packer", "json")),
        headers,
        choice(TransportChoice.class, values.getOrDefault("--transport", "auto")),
        choice(Protocol.class, values.getOrDefault("--protocol", "v2")),
        Duration.ofMillis(millis),
        waitReply,
        (int) number(values, "--count", 0),
        quiet);
  }

  private static String valueOf(String[] args, int at) throws UsageException {
    if (at + 1 >= args.length) {
      throw new UsageException(args[at] + " needs a value");
    }
    return args[at + 1];
  }

  private static void addHeader(Map<String, String> headers, String given) throws UsageException {
    int colon = given.indexOf(':');
    if (colon < 1) {
      throw new UsageException("--header must be 'Name: value', was " + given);
    }
    headers.put(given.substring(0, colon).strip(), given.substring(colon + 1).strip());
  }

  private static URI uri(String text) throws UsageException {
    try {
      return URI.create(text);
    } catch (IllegalArgumentException e) {
      throw new UsageException("URL is none: " + text);
    }
  }

  private static long number(Map<String, String> values, String name, long otherwise)
      throws UsageException {
    var text = values.get(name);
    if (text == null) {
      return otherwise;
    }
    if (!text.matches("[0-9]{1,9}")) {
      throw new UsageException(name + " must be a number of 0 or more, was " + text);
    }
    return Long.parseLong(text);
  }

  private static <E extends Enum<E>> E choice(Class<E> type, String name) throws UsageException {
    for (var value : type.getEnumConstants()) {
      if (value.name().toLowerCase(Locale.ROOT).equals(name)) {
        return value;
      }
    }
    throw new UsageException(
        "expected one of "
            + List.of(type.getEnumConstants()).toString().toLowerCase(Locale.ROOT)
            + ", was "
            + name);
  }

  private static Packer packer(String name) throws UsageException {
    boolean gzipped = name.endsWith("+gzip");
    Packer inner =
        switch (gzipped ? name.substring(0, name.length() - "+gzip".length()) : name) {
          case "json" -> JsonPacker.DEFAULT;
          case "edn" -> EdnPacker.DEFAULT;
          case "msgpack" -> MsgpackPacker.DEFAULT;
          default -> throw new UsageException("--packer must be json, edn or msgpack, was " + name);
        };
    return gzipped ? GzipPacker.of(inner) : inner;
  }

  /** What the client is told. */
  ClientOptionsBuilder clientOptions() {
    return ClientOptions.builder()
        .type(transport)
        .protocol(protocol)
        .packer(packer)
        .headers(headers);
  }
}
