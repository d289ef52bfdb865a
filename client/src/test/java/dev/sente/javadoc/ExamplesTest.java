package dev.sente.javadoc;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** The examples in comments compile, with {@code …} for what a reader has of his own. */
final class ExamplesTest {

  private static final Pattern EXAMPLE =
      Pattern.compile("<pre>\\{@code\\R(.*?)\\R *\\* *}</pre>", Pattern.DOTALL);

  /** What the examples take for granted. */
  private static final String BEFORE =
      """
      import dev.sente.client.*;
      import dev.sente.event.*;
      import dev.sente.netty.*;
      import dev.sente.server.*;
      import dev.sente.server.channel.*;
      import dev.sente.testkit.*;
      import dev.sente.testkit.clients.*;
      import dev.sente.wire.*;
      import io.netty.channel.*;
      import io.netty.channel.socket.*;
      import io.netty.handler.codec.http.*;
      import java.net.URI;
      import java.time.*;
      import java.util.*;

      abstract class Example {
        record Say(String text) {}
        static void show(String text) {}
        static URI connect(String uri) { return URI.create(uri); }
        static class YourHandler extends ChannelInboundHandlerAdapter {}
        static class MyTestedClient {
          static TestedClient connect(URI uri, TestedOptions options, ClientListener listener) {
            throw new UnsupportedOperationException();
          }
        }
        interface Logins {
          String userOf(String session);
        }
        static Logins logins;
        static final long seed = 1;
        static ChannelEngine engine;
        static ChannelSocketServer chsk;
        static NettyServer server;
        static HttpHandler login;
        static HttpHandler api;
      """;

  @TempDir Path classes;

  @TestFactory
  Stream<DynamicTest> theyCompile() throws IOException {
    var tests = Stream.<DynamicTest>builder();
    int count = 0;
    for (var file : Sources.all()) {
      var found = EXAMPLE.matcher(Files.readString(file));
      while (found.find()) {
        var example = found.group(1).replaceAll("(?m)^ *\\* ?", "");
        count++;
        tests.add(DynamicTest.dynamicTest("" + file.getFileName(), () -> compile(example)));
      }
    }
    assertThat(count).isGreaterThan(5);
    return tests.build();
  }

  /** A method as a member, an expression as an assignment, everything else as a method's body. */
  private static String complete(String example) {
    var code = example.replace("…", "");
    if (code.startsWith("protected ")) {
      return BEFORE + code + "}";
    }
    var body = code.stripTrailing().matches("(?s).*[;}]") ? code : "var example = " + code + ";";
    return BEFORE + "void example() throws Exception {\n" + body + "\n}\n}";
  }

  private void compile(String example) throws IOException {
    var source =
        new SimpleJavaFileObject(URI.create("string:///Example.java"), JavaFileObject.Kind.SOURCE) {
          @Override
          public String getCharContent(boolean ignoreEncodingErrors) {
            return complete(example);
          }
        };
    var said = new StringWriter();
    var compiler = ToolProvider.getSystemJavaCompiler();
    boolean isGood =
        compiler
            .getTask(
                said,
                null,
                null,
                List.of("-proc:none", "-d", classes.toString()),
                null,
                List.of(source))
            .call();
    assertThat(isGood).as("%s%n%s", example, said).isTrue();
  }
}
