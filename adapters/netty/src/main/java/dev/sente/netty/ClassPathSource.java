package dev.sente.netty;

import java.io.IOException;
import java.net.JarURLConnection;
import java.net.URI;
import java.net.URL;
import java.nio.file.Path;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Files among a class loader's resources. */
final class ClassPathSource implements StaticFiles.Source {

  private final ClassLoader loader;
  private final String prefix;

  ClassPathSource(ClassLoader loader, String folder) {
    this.loader = loader;
    String inner = folder.startsWith("/") ? folder.substring(1) : folder;
    if (inner.isEmpty() || inner.equals("/")) {
      throw new IllegalArgumentException("folder must not be the whole class path, was " + folder);
    }
    this.prefix = inner.endsWith("/") ? inner : inner + "/";
  }

  /** In a folder on the disk, the loader would open a directory too, as a list of its files. */
  @Override
  public StaticFiles.@Nullable StaticFile find(String name) throws IOException {
    URL url = loader.getResource(prefix + name);
    if (url == null) {
      return null;
    }
    if (url.getProtocol().equals("file")) {
      return FolderSource.read(Path.of(URI.create(url.toString())));
    }
    var connection = url.openConnection();
    Instant modified = null;
    if (connection instanceof JarURLConnection jar) {
      var entry = jar.getJarEntry();
      if (entry == null || entry.isDirectory()) {
        return null;
      }
      // Not getLastModified, which opens the jar once more and leaves it open.
      modified = entry.getTime() < 0 ? null : Instant.ofEpochMilli(entry.getTime());
    }
    try (var in = connection.getInputStream()) {
      byte[] content = in.readNBytes(StaticFiles.MAX_BYTES + 1);
      if (content.length > StaticFiles.MAX_BYTES) {
        throw new IOException("a file has more than " + StaticFiles.MAX_BYTES + " bytes");
      }
      return new StaticFiles.StaticFile(content, modified);
    }
  }
}
