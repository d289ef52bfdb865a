package dev.sente.testkit.replay;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * A scene in which our server means to say something else than Sente's.
 *
 * @param recording what the recording's name begins with
 * @param row the first cell of the row in PROTOCOL.md's table of differences that says why
 * @param ours what we say instead, given what was recorded, all connections in one list
 */
record Difference(String recording, String scene, String row, UnaryOperator<List<String>> ours) {

  private static final String REJECTIONS = "raw-rejections-edn";
  private static final String ODDITIES = "raw-oddities-edn";

  private static final String SECOND_ANSWER = "a second answer over a WebSocket is sent too";
  private static final String AWAY = "pushes while a client is away may arrive in any order";
  private static final String FLUSHED = "pushes that are flushed leave in a message each";
  private static final String OLDER_POLL = "of two polls the older one is never answered";
  private static final String NO_CLIENT_ID =
      "a request without client-id: 500 (GET), dropped (POST)";
  private static final String UNREADABLE = "an unreadable POST: 500 with the exception's message";
  private static final String NO_EVENT =
      "not an event, with callback: `[:chsk/timeout nil]` after 20 s over HTTP, nothing over a"
          + " WebSocket";

  private static final String WINDOWS =
      "a silent WebSocket is pinged when a whole window has passed without a word, so after one to"
          + " two of them";

  private static final String PING = "[:chsk/ws-ping nil]";
  private static final String BAD_EVENT =
      "{:code \"bad-event\", :message \"expected [:namespace/name data]\"}";
  private static final String TIMEOUT = "[:chsk/timeout nil]";

  static final List<Difference> ALL =
      List.of(
          says(
              "ws-",
              "three pushes each sent with {:flush? true}",
              FLUSHED,
              "[[[:test/pushed 0] [:test/pushed 1] [:test/pushed 2]] nil]"),
          // Recorded on a slow machine: the client was silent for longer than the 1.5 s of this
          // window.
          new Difference(
              "ws-gzip",
              "handshake, uid \"alice\", server has :handshake-data-fn",
              WINDOWS,
              said -> with(said, PING)),
          says("ws-msgpack", "client event without callback [:test/nocb {:x 1}]", WINDOWS, PING),
          // After an answered ping the next look is when the ping's time-out has run, here as
          // there.
          says(
              "ws-msgpack",
              "idle: server ping after ws-kalive-ms/2 = 1500 ms of inactivity; client answers"
                  + " ws-pong",
              WINDOWS),
          new Difference("ws-", "server replies twice", SECOND_ANSWER, said -> said.subList(0, 1)),
          // The first went by the poll before. One poll of the recording is too many for us.
          says(
              "ajax-",
              "three pushes each sent with {:flush? true}",
              AWAY,
              "[[[:test/pushed 1] [:test/pushed 2]] nil]",
              TIMEOUT,
              TIMEOUT,
              "[:chsk/dummy-cb-200 nil]"),
          // The client asks for a handshake before it lets go of its poll.
          says(
              "ajax-",
              "idle poll: timeout after lp-timeout-ms = 2500 ms, and repoll",
              OLDER_POLL,
              TIMEOUT),
          says(
              "raw-default-csrf-edn",
              "default csrf-token-fn with no session/anti-forgery middleware: everything is"
                  + " refused",
              "without a ring session every request is refused for its CSRF token",
              "[[:chsk/handshake [\"c1\" nil nil]] nil]"),
          says(REJECTIONS, "GET without client-id", NO_CLIENT_ID, "400 Missing client-id"),
          says(REJECTIONS, "GET with blank client-id", NO_CLIENT_ID, "400 Missing client-id"),
          says(REJECTIONS, "WS upgrade without client-id", NO_CLIENT_ID, "400 Missing client-id"),
          says(
              REJECTIONS,
              "GET no client-id and bad csrf (client-id check is before all rejections, reject-fn"
                  + " too)",
              NO_CLIENT_ID,
              "400 Missing client-id"),
          says(ODDITIES, "POST without client-id", NO_CLIENT_ID, "400 Missing client-id"),
          says(
              ODDITIES,
              "POST without client-id and without cb",
              NO_CLIENT_ID,
              "400 Missing client-id"),
          says(
              ODDITIES,
              "POST without ppstr",
              "a POST without `ppstr`: 200, `[:chsk/bad-event nil]` to the application",
              "400 Missing ppstr"),
          says(ODDITIES, "POST garbage ppstr \"[[\" ", UNREADABLE, "400 Unreadable message"),
          says(ODDITIES, "POST ppstr not a vector: 42", UNREADABLE, "400 Unreadable message"),
          says(ODDITIES, "POST ppstr a map", UNREADABLE, "400 Unreadable message"),
          says(
              ODDITIES,
              "POST bad event: with cb (never answered by the app -> lp-timeout)",
              NO_EVENT,
              "[" + BAD_EVENT + " nil]"),
          says(
              ODDITIES,
              "POST where the handler throws, with cb",
              "a handler that throws: nothing, then the time-out",
              "[{:code \"handler-error\"} nil]"),
          says(
              ODDITIES,
              "POST binary?=true with an edn text body",
              "a POST's raw body is read by binary packers only: 500 otherwise",
              "[5 nil]"),
          says(
              ODDITIES,
              "two polls at once of one client-id: the newer takes over, the older is never"
                  + " answered",
              OLDER_POLL,
              TIMEOUT,
              "[[[:test/x 1]] nil]"),
          says(
              ODDITIES,
              "two batches waiting between polls",
              AWAY,
              "[[[:test/x 3] [:test/x 4]] nil]",
              TIMEOUT,
              TIMEOUT),
          new Difference(
              ODDITIES,
              "[:chsk/close] to an ajax uid: raw final chunk without a response head",
              "`[:chsk/close]` breaks a held poll's HTTP",
              said -> replaced(said, "0", TIMEOUT)),
          says(
              ODDITIES,
              "ping with data (not exactly [:chsk/ws-ping])",
              NO_EVENT,
              "[" + BAD_EVENT + " \"cb0003\"]"),
          says(ODDITIES, "bad event", NO_EVENT, "[" + BAD_EVENT + " \"cb0005\"]"),
          says(
              ODDITIES,
              "reply twice over ws: both replies go out",
              SECOND_ANSWER,
              "[:first \"cb0008\"]"),
          says(
              ODDITIES,
              "edn tagged literal unknown",
              "a message with an unknown edn tag is unreadable",
              "[#foo/bar 1 \"cb0009\"]"),
          says(
              ODDITIES,
              "message over the 4 MiB ws limit",
              "message limit 4 MiB (8 MiB by POST), connection reset",
              "close 4503"),
          says(
              ODDITIES,
              "POST over max-body (8 MiB)",
              "message limit 4 MiB (8 MiB by POST), connection reset",
              "413 Body too large"));

  private static Difference says(String recording, String scene, String row, String... lines) {
    return new Difference(recording, scene, row, said -> List.of(lines));
  }

  private static List<String> with(List<String> lines, String one) {
    var more = new ArrayList<>(lines);
    more.add(one);
    return more;
  }

  private static List<String> replaced(List<String> lines, String from, String to) {
    var changed = new ArrayList<>(lines);
    changed.replaceAll(line -> line.equals(from) ? to : line);
    return changed;
  }
}
