package dev.sente.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sente.event.Event;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * What handlers and listeners are told of users who come and go faster than they can be told of.
 */
class PresenceTest {

  private static final String CLOSE = "[[:chsk/close {:code 1000 :reason \"\" :retry-ms 0}]]";

  private final List<String> told = new ArrayList<>();

  /** A server whose first opening takes as long as that takes. */
  private Scene sceneWith(List<Runnable> meanwhile) {
    var scene = new Scene();
    scene.server.on(
        "chsk/uidport-open",
        event -> {
          told.add("open " + event.clientId());
          if (!meanwhile.isEmpty()) {
            meanwhile.removeFirst().run();
          }
        });
    scene.server.on("chsk/uidport-close", event -> told.add("close"));
    scene.server.on("test/say", event -> told.add("event " + event.clientId()));
    return scene;
  }

  private static InMemorySocket open(Scene scene, String clientId) {
    var query = "uid=alice&client-id=" + clientId;
    var answer = scene.channels.webSocket(query, "Sec-WebSocket-Protocol", "sente.v2");
    scene.time.settle();
    return answer.socket();
  }

  @Test
  void k22_onlySomeOfWhatAUserDoesMeanwhileWaits() {
    var meanwhile = new ArrayList<Runnable>();
    var scene = sceneWith(meanwhile);
    meanwhile.add(
        () -> {
          scene.server.signOut("alice");
          scene.time.settle();
          for (int i = 0; i < 1000; i++) {
            scene.say(open(scene, "a"), CLOSE);
          }
          open(scene, "last");
        });
    open(scene, "first");
    assertThat(told).hasSizeBetween(3, 20).first().isEqualTo("open first");
    assertThat(told.getLast()).startsWith("open ");
    assertThat(scene.presence).hasSameSizeAs(told);
    for (int i = 0; i < told.size(); i++) {
      assertThat(told.get(i)).startsWith(i % 2 == 0 ? "open" : "close");
      assertThat(scene.presence.get(i).came()).isEqualTo(i % 2 == 0);
    }
    assertThat(scene.server.connectedUsers().any()).containsExactly("alice");
  }

  @Test
  void k22_andAllEventsComeAfterAnOpening() {
    var meanwhile = new ArrayList<Runnable>();
    var scene = sceneWith(meanwhile);
    meanwhile.add(
        () -> {
          scene.server.signOut("alice");
          scene.time.settle();
          for (int i = 0; i < 90; i++) {
            var socket = open(scene, "a" + i);
            scene.say(socket, "[[[:test/say]]]");
            scene.say(socket, CLOSE);
          }
          assertThat(told).containsExactly("open first");
        });
    open(scene, "first");
    assertThat(told).filteredOn(each -> each.startsWith("event")).hasSize(90);
    assertThat(told).filteredOn(each -> !each.startsWith("event")).hasSizeLessThan(20);
    assertThat(told.subList(1, 4)).containsExactly("close", "open a0", "close");
    assertThat(scene.server.connectedUsers().any()).isEmpty();
    open(scene, "again");
    assertThat(told).last().isEqualTo("open again");
  }

  @Test
  void k22_fewAreAllTold() {
    var meanwhile = new ArrayList<Runnable>();
    var scene = sceneWith(meanwhile);
    meanwhile.add(
        () -> {
          scene.server.signOut("alice");
          scene.time.settle();
          scene.say(open(scene, "b"), CLOSE);
          open(scene, "c");
          open(scene, "d");
        });
    open(scene, "a");
    assertThat(told).containsExactly("open a", "close", "open b", "close", "open c");
    scene.server.push("alice", Event.of("test/x"));
    assertThat(scene.dropped).isEmpty();
  }
}
