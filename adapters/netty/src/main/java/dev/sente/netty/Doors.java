package dev.sente.netty;

import dev.sente.server.channel.ChannelEngine;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The doors by path.
 *
 * @param byPath the engines' doors
 * @param otherwise where all else goes; null to leave it to the pipeline's next handler
 */
record Doors(Map<String, Door> byPath, @Nullable Door otherwise) {

  /** Doors to engines, each with a path of its own. */
  static Doors of(Collection<? extends ChannelEngine> engines, @Nullable Door otherwise) {
    var byPath = new HashMap<String, Door>();
    for (ChannelEngine engine : engines) {
      if (byPath.put(engine.path(), new Door.ToEngine(engine)) != null) {
        throw new IllegalArgumentException("two engines have the path " + engine.path());
      }
    }
    return new Doors(Map.copyOf(byPath), otherwise);
  }

  @Nullable Door at(String path) {
    Door door = byPath.get(path);
    return door == null ? otherwise : door;
  }
}
