package dev.sente.javadoc;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The sources of the modules that applications see. */
final class Sources {

  private static final List<String> MODULES =
      List.of("core", "packers/transit", "server", "adapters/netty", "client", "testkit");

  private Sources() {}

  /** All Java files but those that describe packages. */
  static List<Path> all() throws IOException {
    var root = Path.of(System.getProperty("sente.root", ".."));
    var all = new java.util.ArrayList<Path>();
    for (var module : MODULES) {
      try (var files = Files.walk(root.resolve(module).resolve("src/main/java"))) {
        files
            .filter(file -> file.toString().endsWith(".java"))
            .filter(file -> !file.endsWith("package-info.java"))
            .sorted()
            .forEach(all::add);
      }
    }
    return all;
  }
}
