package dev.sente.testkit.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sente.testkit.InMemoryChannels;
import dev.sente.testkit.InMemoryChannels.InMemoryAnswer;
import dev.sente.testkit.InMemorySocket;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A classic client, by whatever transport the simulation wants next; notes what it is told. */
final class ClassicPeer {

  private static final Pattern PUSH = Pattern.compile("\\[:test/push (\\d+)]");
  private static final Pattern ANSWER = Pattern.compile("\\[(\\d+) (?:\"cb\"|nil)]");

  final String uid;
  final String clientId;
  private final InMemoryChannels channels;
  private final List<InMemorySocket> sockets = new ArrayList<>();
  private final List<InMemoryAnswer> polls = new ArrayList<>();
  private final List<InMemoryAnswer> posts = new ArrayList<>();

  /** The newest connection: an {@link InMemorySocket} or a poll's {@link InMemoryAnswer}. */
  private @Nullable Object newest;

  /** The numbers of the pushes that came, in order. */
  final List<Integer> pushes = new ArrayList<>();

  /** The answers that came over a WebSocket. */
  final Set<Integer> answers = new HashSet<>();

  /** Whether it leaves the server's pings unanswered. */
  boolean isMute;

  ClassicPeer(String uid, String clientId, InMemoryChannels channels) {
    this.uid = uid;
    this.clientId = clientId;
    this.channels = channels;
  }

  private String query() {
    return "uid=" + uid + "&client-id=" + clientId;
  }

  /** Asks for a WebSocket; {@link #arrived} tells what came of it. */
  InMemoryAnswer connect() {
    isMute = false;
    return channels.webSocket(query());
  }

  /** The server has accepted the WebSocket. */
  void arrived(InMemoryAnswer answer) {
    var socket = answer.socket();
    sockets.add(socket);
    newest = socket;
    socket.listen(
        bytes -> hear(socket, new String(bytes, StandardCharsets.UTF_8)),
        code -> sockets.remove(socket));
  }

  /** Polls, with a handshake or without. */
  InMemoryAnswer poll(boolean handshake) {
    var poll = channels.get(query() + (handshake ? "&handshake%3F=1" : ""));
    polls.add(poll);
    return poll;
  }

  /** The poll is held, or was answered with what waited: it is the newest connection. */
  void tookOver(InMemoryAnswer poll) {
    newest = poll;
  }

  /**
   * Says something that wants an answer: the number. Over the WebSocket of this index, or a POST.
   */
  void ask(int number, int index) {
    var packed = "[[:test/echo " + number + "] \"cb\"]";
    if (sockets.isEmpty()) {
      posts.add(
          channels.post(query() + "&ppstr=" + URLEncoder.encode(packed, StandardCharsets.UTF_8)));
    } else {
      sockets.get(index % sockets.size()).sendText(packed);
    }
  }

  /** The newest WebSocket takes nothing from now on, or takes again. */
  void stall(boolean now) {
    if (newest instanceof InMemorySocket socket) {
      socket.stall(now);
    }
  }

  /** Cuts the connection of this index, poll or WebSocket; all of them for -1. */
  void cut(int index) {
    collect();
    var all = new ArrayList<Object>(sockets);
    all.addAll(polls);
    if (index >= 0 && !all.isEmpty()) {
      end(all.get(index % all.size()));
    } else if (index < 0) {
      all.forEach(this::end);
    }
  }

  private void end(Object connection) {
    if (connection instanceof InMemorySocket socket) {
      socket.cut();
      sockets.remove(socket);
    } else if (connection instanceof InMemoryAnswer poll) {
      poll.abort();
      polls.remove(poll);
    }
  }

  /** Whether its newest connection is open, so that the server must take it for connected. */
  boolean isConnected() {
    collect();
    return newest instanceof InMemorySocket socket ? socket.isOpen() : polls.contains(newest);
  }

  /** Takes in what answers have come to polls and POSTs. */
  void collect() {
    for (var poll : List.copyOf(polls)) {
      if (poll.isAnswered()) {
        polls.remove(poll);
        assertThat(poll.status()).isEqualTo(200);
        hear(null, poll.text());
      }
    }
    for (var post : List.copyOf(posts)) {
      if (post.isAnswered()) {
        posts.remove(post);
        assertThat(post.text()).matches(ANSWER);
      }
    }
  }

  private void hear(@Nullable InMemorySocket socket, String text) {
    var answer = ANSWER.matcher(text);
    if (answer.matches()) {
      assertThat(answers.add(Integer.parseInt(answer.group(1)))).as("answered twice").isTrue();
      return;
    }
    if (text.equals("[:chsk/ws-ping nil]") && socket != null && !isMute) {
      socket.sendText("[[:chsk/ws-pong] nil]");
    }
    var pushed = PUSH.matcher(text);
    while (pushed.find()) {
      pushes.add(Integer.parseInt(pushed.group(1)));
    }
  }

  /** POSTs that have no answer. */
  int unanswered() {
    return posts.size();
  }
}
