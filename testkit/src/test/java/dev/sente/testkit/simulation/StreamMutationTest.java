package dev.sente.testkit.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.StringWriter;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.tools.FileObject;
import javax.tools.ForwardingJavaFileManager;
import javax.tools.JavaFileManager;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Proves that the simulation can find bugs: each of these is put into the sources, compiled, and
 * run in a class loader of its own, and must be caught.
 */
class StreamMutationTest {

  /** How many seeds a bug may take to be found. */
  private static final int SEEDS = 3000;

  private static final String STREAM = "core/src/main/java/dev/sente/stream/";
  private static final String SESSION = "server/src/main/java/dev/sente/server/session/";

  /** A bug: in this file, this text becomes that. */
  enum Mutation {
    RESUME_WITHOUT_REPLAY(
        STREAM + "Outbound.java",
        "    cursor = number;\n    return acknowledge(number);",
        "    cursor = Math.max(cursor, number);\n    return acknowledge(number);"),
    FORGETS_WHAT_WAS_SENT_NOT_ACKNOWLEDGED(
        STREAM + "Outbound.java", "while (forgotten < number", "while (forgotten < cursor"),
    MIXES_UP_WHEN_GROWING(
        STREAM + "Outbound.java",
        "grown[i] = old[(head + i) & (old.length - 1)]",
        "grown[i] = old[i]"),
    ACCEPTS_TWICE(STREAM + "Inbound.java", "if (number <= received)", "if (number < received)"),
    BASE_FORGOTTEN(
        SESSION + "StreamSession.java",
        "opened.startAt(receiving.tell())",
        "opened.startAt(0 * receiving.tell())"),
    LATE_CLOSE_COUNTS(
        SESSION + "Life.java",
        "state instanceof State.Live live && live.connection() == connection",
        "state instanceof State.Live live && connection > 0"),
    ACKNOWLEDGES_TOO_MUCH(
        SESSION + "Receiving.java",
        "StreamWire.ack(live.packer(), tell())",
        "StreamWire.ack(live.packer(), tell() + 1)"),
    POST_MISCOUNTED(
        SESSION + "Receiving.java",
        "inbound.accept(number) && !deliver(message, admission.caller())",
        "!deliver(message, admission.caller())"),
    LOSS_NOT_TOLD(SESSION + "Succession.java", "resumed ? null : lost,", "null,"),
    OVERFLOW_GOES_ON(SESSION + "Sending.java", "    overflowed = true;\n", ""),
    UNCONNECTED_SESSION_GETS_NO_PUSHES(
        SESSION + "StreamSessions.java", "    all.users().joined(fresh);\n", ""),
    ANOTHER_USERS_SESSION_IS_RESUMED(
        SESSION + "StreamSessions.java",
        "known.key().equals(key) ? known : null",
        "true ? known : null");

    final String file;
    final String from;
    final String to;

    Mutation(String file, String from, String to) {
      this.file = file;
      this.from = from;
      this.to = to;
    }
  }

  @ParameterizedTest
  @EnumSource
  void isCaught(Mutation mutation) throws Exception {
    var source = Files.readString(Path.of(System.getProperty("sente.root"), mutation.file));
    assertThat(source).as("the text to mutate").contains(mutation.from);
    var classes = compile(mutation, source.replace(mutation.from, mutation.to));
    assertThat(firstBadSeed(classes)).as("the first seed that fails").isPositive();
  }

  private static long firstBadSeed(Map<String, byte[]> mutated) throws Exception {
    try (var loader = new MutatedLoader(mutated)) {
      var run = loader.loadClass(StreamSimulation.class.getName()).getMethod("run", long.class);
      for (long seed = 1; seed <= SEEDS; seed++) {
        try {
          run.invoke(null, seed);
        } catch (ReflectiveOperationException e) {
          assertThat(e.getCause()).isInstanceOf(AssertionError.class);
          return seed;
        }
      }
      return 0;
    }
  }

  private static Map<String, byte[]> compile(Mutation mutation, String source) throws IOException {
    var compiler = ToolProvider.getSystemJavaCompiler();
    var made = new HashMap<String, byte[]>();
    var complaints = new StringWriter();
    try (var standard = compiler.getStandardFileManager(null, null, null)) {
      var task =
          compiler.getTask(
              complaints,
              new InMemoryFiles(standard, made),
              null,
              List.of("-proc:none", "-nowarn", "-cp", System.getProperty("java.class.path")),
              null,
              List.of(new InMemorySource(mutation.file, source)));
      assertThat(task.call()).as("compiles: %s", complaints).isTrue();
    }
    return made;
  }

  /** Loads our classes anew, and the mutated ones in place of the real. */
  private static final class MutatedLoader extends URLClassLoader {
    private final Map<String, byte[]> mutated;

    MutatedLoader(Map<String, byte[]> mutated) throws IOException {
      super(urls(), MutatedLoader.class.getClassLoader());
      this.mutated = mutated;
    }

    private static URL[] urls() throws IOException {
      var urls = new ArrayList<URL>();
      for (var entry :
          System.getProperty("java.class.path").split(java.io.File.pathSeparator, -1)) {
        urls.add(Path.of(entry).toUri().toURL());
      }
      return urls.toArray(URL[]::new);
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (!name.startsWith("dev.sente.")) {
        return super.loadClass(name, resolve);
      }
      synchronized (getClassLoadingLock(name)) {
        var loaded = findLoadedClass(name);
        if (loaded != null) {
          return loaded;
        }
        byte[] bytes = mutated.get(name);
        return bytes == null ? findClass(name) : defineClass(name, bytes, 0, bytes.length);
      }
    }
  }

  private static final class InMemorySource extends SimpleJavaFileObject {
    private final String text;

    InMemorySource(String file, String text) {
      super(URI.create("mutated:///" + file.substring(file.indexOf("dev/"))), Kind.SOURCE);
      this.text = text;
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return text;
    }
  }

  private static final class InMemoryFiles extends ForwardingJavaFileManager<JavaFileManager> {
    private final Map<String, byte[]> made;

    InMemoryFiles(JavaFileManager standard, Map<String, byte[]> made) {
      super(standard);
      this.made = made;
    }

    @Override
    public JavaFileObject getJavaFileForOutput(
        Location location, String className, JavaFileObject.Kind kind, FileObject sibling) {
      return new SimpleJavaFileObject(
          URI.create("mutated:///" + className.replace('.', '/') + kind.extension), kind) {
        @Override
        public OutputStream openOutputStream() {
          return new ByteArrayOutputStream() {
            @Override
            public void close() {
              made.put(className, toByteArray());
            }
          };
        }
      };
    }
  }
}
