package dev.sente.server.gate;

import dev.sente.packer.Packer;
import dev.sente.server.channel.HttpExchange;
import dev.sente.server.channel.HttpRequest;
import dev.sente.server.channel.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;

/**
 * Lets a request in or refuses it. The first that says no decides: the form of the request, the
 * application's reject hook, the CSRF token, the origin, the authorization (PROTOCOL.md,
 * "Refusals").
 */
public final class Gate {

  /** The longest client-id, in characters. */
  public static final int MAX_CLIENT_ID_LENGTH = 256;

  /** As {@code 192.0.2.1:4711} or {@code [2001:db8::1]:4711}, which some proxies tell. */
  private static final Pattern WITH_PORT =
      Pattern.compile("(?<v4>[0-9.]++):[0-9]++|\\[(?<v6>[^\\[\\]]++)](:[0-9]++)?+");

  private final GateRules rules;
  private final Map<String, Packer> packers;
  private final Packer defaultPacker;
  private final LongSupplier signOuts;
  private final BiConsumer<String, Throwable> onFailure;

  /**
   * A gate with these rules.
   *
   * @param packers the packers that a client may ask for, by name, the default first
   * @param signOuts how many sign-outs there have been so far
   * @param onFailure told at which request a hook has failed, and how
   */
  public Gate(
      GateRules rules,
      Map<String, Packer> packers,
      LongSupplier signOuts,
      BiConsumer<String, Throwable> onFailure) {
    this.signOuts = signOuts;
    this.onFailure = onFailure;
    this.rules = rules;
    this.packers = packers;
    this.defaultPacker = packers.values().iterator().next();
  }

  /** Decides, and answers the exchange where the request is refused. Runs the hooks. */
  public Optional<Admission> admit(HttpExchange exchange) {
    var request = exchange.request();
    var cors = corsHeaders(request);
    try {
      return decide(exchange, request, cors);
    } catch (Refusal refusal) {
      exchange.respond(refusal.response.with(cors));
    } catch (Throwable e) {
      // Any error may be a hook's own, and no request may go without an answer.
      exchange.respond(HttpResponse.text(500, "Internal error").with(cors));
      onFailure.accept(request.method() + " " + request.path(), e);
      if (e instanceof VirtualMachineError error && !(e instanceof StackOverflowError)) {
        throw error;
      }
    }
    return Optional.empty();
  }

  private Optional<Admission> decide(
      HttpExchange exchange, HttpRequest http, Map<String, String> cors) {
    // Before any hook is asked: each may block, and rest on what a sign-out takes away.
    long signOutsBefore = signOuts.getAsLong();
    if (http.method().equals("OPTIONS")) {
      throw new Refusal(preflight(http));
    }
    if (!http.method().equals("GET") && !http.method().equals("POST")) {
      throw new Refusal(
          HttpResponse.text(405, "Method not allowed").with(Map.of("Allow", "GET, POST, OPTIONS")));
    }
    if (http.method().equals("GET") && http.body().length > 0) {
      throw new Refusal(HttpResponse.text(400, "A GET has no body"));
    }
    var request = parse(http);
    var clientId = request.clientId();
    if (clientId.isBlank()) {
      throw new Refusal(HttpResponse.text(400, "Missing client-id"));
    }
    if (clientId.length() > MAX_CLIENT_ID_LENGTH) {
      throw new Refusal(HttpResponse.text(400, "client-id is too long"));
    }
    if (!isPrintable(clientId)) {
      throw new Refusal(HttpResponse.text(400, "client-id has control characters"));
    }
    var rejected = rules.reject().apply(request);
    if (rejected != null) {
      throw new Refusal(rejected);
    }
    var token = rules.csrfToken().apply(request);
    if (!(token instanceof CsrfToken.Skip) && !token.admits(request.csrfToken().orElse(null))) {
      throw new Refusal(HttpResponse.text(403, "Bad CSRF token"));
    }
    if (!rules.origins().admits(http)) {
      throw new Refusal(HttpResponse.text(403, "Unauthorized origin"));
    }
    if (!rules.authorized().test(request)) {
      throw new Refusal(
          Objects.requireNonNull(
              rules.unauthorized().apply(request), "the unauthorized hook gave no answer"));
    }
    var packer = packer(request);
    var uid = rules.userId().apply(request);
    var told = rules.clientAddress().apply(http);
    var address = told == null ? http.remoteAddress() : withoutPort(told);
    var caller = new Caller(request.kept(), clientId, uid, packer, address, signOutsBefore);
    return Optional.of(new Admission(exchange, request, caller, cors));
  }

  /** A client has another port with each connection, and is not to be counted by it. */
  private static String withoutPort(String address) {
    if (address.indexOf(':') < 0 && !address.startsWith("[")) {
      return address; // As nearly all are, and a pattern takes as long as the rest of the gate.
    }
    var found = WITH_PORT.matcher(address);
    if (!found.matches()) {
      return address;
    }
    return found.group(found.group("v4") == null ? "v6" : "v4");
  }

  /** Whether it can stand in a line of the log as it is. */
  private static boolean isPrintable(String clientId) {
    for (int i = 0; i < clientId.length(); i++) {
      char c = clientId.charAt(i);
      if (Character.isISOControl(c) || c == '\u2028' || c == '\u2029') {
        return false;
      }
    }
    return true;
  }

  private static ConnectRequest parse(HttpRequest http) {
    try {
      return ConnectRequest.of(http);
    } catch (IllegalArgumentException e) {
      throw new Refusal(HttpResponse.text(400, "Malformed parameters"));
    }
  }

  private Packer packer(ConnectRequest request) {
    var name = request.param("packer");
    if (name.isEmpty()) {
      return defaultPacker;
    }
    var packer = packers.get(name.get());
    if (packer == null) {
      throw new Refusal(
          HttpResponse.text(
              400, "Unknown packer, known are: " + String.join(", ", packers.keySet())));
    }
    return packer;
  }

  private Map<String, String> corsHeaders(HttpRequest http) {
    var origin = rules.origins().corsOrigin(http);
    if (origin == null) {
      return Map.of();
    }
    var headers = new LinkedHashMap<String, String>();
    headers.put("Access-Control-Allow-Origin", origin);
    if (!origin.equals("*")) {
      headers.put("Access-Control-Allow-Credentials", "true");
      headers.put("Vary", "Origin");
    }
    return headers;
  }

  /**
   * Fetch standard, "CORS-preflight fetch". Nobody's credentials come with it, so no hook is asked.
   */
  private HttpResponse preflight(HttpRequest http) {
    if (!rules.origins().admits(http)) {
      return HttpResponse.text(403, "Unauthorized origin");
    }
    var headers = new LinkedHashMap<String, String>();
    headers.put("Access-Control-Allow-Methods", "GET, POST");
    headers.put("Access-Control-Max-Age", "600");
    var asked = http.header("access-control-request-headers");
    if (asked != null && asked.length() <= 1024 && isHeaderList(asked)) {
      headers.put("Access-Control-Allow-Headers", asked);
    }
    return new HttpResponse(204, headers, new byte[0]);
  }

  private static boolean isHeaderList(String text) {
    for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
      boolean plain = (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z') || (b >= '0' && b <= '9');
      if (!plain && b != '-' && b != '_' && b != ',' && b != ' ') {
        return false;
      }
    }
    return true;
  }

  /** A refusal on its way to the exchange. */
  private static final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final transient HttpResponse response;

    Refusal(HttpResponse response) {
      super(null, null, false, false);
      this.response = response;
    }
  }
}
