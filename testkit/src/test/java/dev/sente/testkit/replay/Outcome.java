package dev.sente.testkit.replay;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** What a server said in each scene on each connection, in order, as text. */
final class Outcome {

  private final Map<String, Map<Integer, List<String>>> scenes = new LinkedHashMap<>();

  void begin(String scene) {
    if (scenes.put(scene, new TreeMap<>()) != null) {
      throw new IllegalArgumentException("two scenes are called " + scene);
    }
  }

  void add(String scene, int connection, String said) {
    lines(scene).computeIfAbsent(connection, number -> new ArrayList<>()).add(said);
  }

  private Map<Integer, List<String>> lines(String scene) {
    var lines = scenes.get(scene);
    if (lines == null) {
      throw new IllegalArgumentException("no scene is called " + scene);
    }
    return lines;
  }

  Set<String> scenes() {
    return scenes.keySet();
  }

  /** What was said in the scene, by the number of the connection. */
  Map<Integer, List<String>> byConnection(String scene) {
    return lines(scene);
  }

  /** The same in one list, the connections one after the other. */
  List<String> all(String scene) {
    return lines(scene).values().stream().flatMap(List::stream).toList();
  }
}
