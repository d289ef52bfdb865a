package dev.sente.netty;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Files in a folder.
 *
 * @param root the folder's real path; what is not below it, links followed, is not there
 */
record FolderSource(Path root) implements StaticFiles.Source {

  static FolderSource of(Path folder) {
    try {
      Path root = folder.toRealPath();
      if (!Files.isDirectory(root)) {
        throw new IllegalArgumentException("folder must be a folder, was " + folder);
      }
      return new FolderSource(root);
    } catch (IOException e) {
      throw new IllegalArgumentException("folder must exist, was " + folder, e);
    }
  }

  @Override
  public StaticFiles.@Nullable StaticFile find(String name) throws IOException {
    try {
      Path file = root.resolve(name).toRealPath();
      return file.startsWith(root) && !isHidden(root.relativize(file)) ? read(file) : null;
    } catch (InvalidPathException | NoSuchFileException e) {
      return null;
    } catch (java.nio.file.FileSystemException e) {
      // Not a folder on the way, a loop of links, a name too long, no permission.
      NettyServer.LOG.debug("A file is not served: {}", e.toString());
      return null;
    }
  }

  /** A file's content; null where it is no regular file. */
  static StaticFiles.@Nullable StaticFile read(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      return null;
    }
    if (Files.size(file) > StaticFiles.MAX_BYTES) {
      throw new IOException("a file has more than " + StaticFiles.MAX_BYTES + " bytes");
    }
    var modified = Files.getLastModifiedTime(file).toInstant();
    return new StaticFiles.StaticFile(Files.readAllBytes(file), modified);
  }

  private static boolean isHidden(Path relative) {
    for (Path segment : relative) {
      if (segment.toString().startsWith(".")) {
        return true;
      }
    }
    return false;
  }
}
