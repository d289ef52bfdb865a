package dev.sente.client.tool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sente.event.Event;
import dev.sente.event.Keyword;
import dev.sente.netty.NettyServer;
import dev.sente.server.ChannelSocketServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(120)
class ToolTest {

  private final BlockingQueue<Object> heard = new LinkedBlockingQueue<>();
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private ChannelSocketServer chsk;
  private NettyServer server;

  @BeforeEach
  void start() {
    chsk =
        ChannelSocketServer.builder()
            .userId(request -> request.header("x-uid").orElse(null))
            .authorized(request -> request.header("x-stranger").isEmpty())
            .build();
    chsk.on("test/echo", event -> event.reply(event.data()));
    chsk.on("test/say", event -> heard.add(String.valueOf(event.data())));
    chsk.on("test/silent", event -> {});
    chsk.on("chsk/uidport-open", event -> chsk.push("ann", Event.of("test/hello", 1)));
    server = NettyServer.builder().engine(chsk).host("127.0.0.1").port(0).start();
  }

  @AfterEach
  void stop() {
    chsk.close();
    server.close();
  }

  private int run(String... args) {
    try (var to = new PrintStream(out, true, StandardCharsets.UTF_8);
        var told = new PrintStream(err, true, StandardCharsets.UTF_8)) {
      return Tool.run(to, told, args);
    }
  }

  private String url() {
    return "http://127.0.0.1:" + server.port() + "/chsk";
  }

  private String printed() {
    return out.toString(StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @CsvSource({
    "auto,v2,json",
    "ws,v2,edn",
    "ajax,v2,msgpack",
    "auto,classic,edn",
    "ajax,classic,json",
  })
  void sends(String transport, String protocol, String packer) throws Exception {
    int code =
        run(
            "send",
            url(),
            "test/say",
            "{\"text\": \"hi\"}",
            "--transport",
            transport,
            "--protocol",
            protocol,
            "--packer",
            packer);
    assertThat(err.toString(StandardCharsets.UTF_8)).contains("connected by");
    assertThat(code).isEqualTo(Tool.DONE);
    assertThat(heard.poll(60, TimeUnit.SECONDS)).asString().contains("text=hi");
  }

  @Test
  void asksAndPrintsTheAnswer() {
    assertThat(run("send", url(), ":test/echo", "{:a 1}", "--wait-reply", "--packer", "edn"))
        .isEqualTo(Tool.DONE);
    assertThat(printed()).isEqualToIgnoringNewLines("{:a 1}");
  }

  @Test
  void everyOutcomeHasAnExitCode() {
    assertThat(run("send", url(), "test/unknown", "--wait-reply")).isEqualTo(Tool.REMOTE_ERROR);
    assertThat(run("send", url(), "no-slash")).isEqualTo(Tool.WRONG_USAGE);
    assertThat(run("send", url(), "test/say", "{:a")).isEqualTo(Tool.WRONG_USAGE);
    assertThat(run("send", url(), "test/say", "--packer", "xml")).isEqualTo(Tool.WRONG_USAGE);
    assertThat(run("frobnicate", url())).isEqualTo(Tool.WRONG_USAGE);
    assertThat(run("send", url(), "test/silent", "--wait-reply", "--timeout-ms", "50"))
        .isEqualTo(Tool.NO_ANSWER);
    assertThat(run("send", url(), "test/say", "--header", "X-Stranger: yes"))
        .isEqualTo(Tool.REFUSED);
    assertThat(run("send", "http://127.0.0.1:1/chsk", "test/say", "--timeout-ms", "50"))
        .isEqualTo(Tool.NO_ANSWER);
  }

  @Test
  void tellsWhyItIsRefused() {
    assertThat(run("send", url(), "test/echo", "--wait-reply", "--header", "X-Stranger: yes"))
        .isEqualTo(Tool.REFUSED);
    assertThat(err.toString(StandardCharsets.UTF_8).lines())
        .containsExactly("sente: not connected: refused, status 401");
  }

  @Test
  void tellsOnceWhyThereIsNoConnection() {
    assertThat(
            run(
                "send",
                "http://127.0.0.1:1/chsk",
                "test/say",
                "--timeout-ms",
                "1000",
                "--transport",
                "ws"))
        .isEqualTo(Tool.NO_ANSWER);
    assertThat(err.toString(StandardCharsets.UTF_8).lines())
        .containsExactly(
            "sente: not connected: unexpected, no answer: is the server running there?",
            "sente: no connection in time");
  }

  @Test
  void tellsWhatIsWrongWithAServerThatIsThere() {
    var tls = url().replace("http:", "https:");
    assertThat(run("send", tls, "test/say", "--timeout-ms", "1000", "--transport", "ws"))
        .isEqualTo(Tool.NO_ANSWER);
    assertThat(err.toString(StandardCharsets.UTF_8).lines())
        .anyMatch(line -> line.startsWith("sente: connect: "))
        .noneMatch(line -> line.contains("is the server running there?"));
  }

  @Test
  void helps() {
    assertThat(run("send", "--help")).isEqualTo(Tool.DONE);
    assertThat(printed()).isEqualTo(Arguments.USAGE);
    assertThat(err.toString(StandardCharsets.UTF_8)).isEmpty();
  }

  @Test
  void tellsWhatItCannotPrintAndGoesOn() {
    chsk.on(
        "chsk/uidport-open",
        event -> {
          chsk.push("ann", Event.of("test/odd", Keyword.of("a b")));
          chsk.push("ann", Event.of("test/even", 2));
        });
    chsk.on("test/ask-odd", event -> event.reply(Keyword.of("a b")));
    var packed = List.of("--packer", "msgpack", "--quiet", "--header", "X-Uid: ann");
    var listen = new ArrayList<>(List.of("listen", url(), "test/odd", "test/even"));
    listen.addAll(packed);
    listen.addAll(List.of("--count", "2"));
    assertThat(run(listen.toArray(String[]::new))).isEqualTo(Tool.DONE);
    assertThat(printed()).isEqualToIgnoringNewLines("test/even 2");
    assertThat(err.toString(StandardCharsets.UTF_8).lines())
        .singleElement()
        .asString()
        .startsWith("sente: test/odd: ");
    var ask = new ArrayList<>(List.of("send", url(), "test/ask-odd", "--wait-reply"));
    ask.addAll(packed);
    assertThat(run(ask.toArray(String[]::new))).isEqualTo(Tool.REMOTE_ERROR);
    assertThat(err.toString(StandardCharsets.UTF_8))
        .contains("sente: the answer: ")
        .doesNotContain("Usage");
  }

  @Test
  void aStrangersControlCharactersDoNotReachTheTerminal() {
    assertThat(run("send", url(), "test/echo", "\"a\\u001b]0;x\\u0007\\u009b\"", "--wait-reply"))
        .isEqualTo(Tool.DONE);
    assertThat(printed()).isEqualToIgnoringNewLines("\"a\\u001b]0;x\\u0007\\u009b\"");
  }

  @Test
  void listensNoLongerThanSomebodyReads() {
    var closed =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("broken pipe");
          }
        };
    try (var to = new PrintStream(closed, true, StandardCharsets.UTF_8);
        var told = new PrintStream(err, true, StandardCharsets.UTF_8)) {
      assertThat(Tool.run(to, told, "listen", url(), "--header", "X-Uid: ann"))
          .isEqualTo(Tool.DONE);
    }
  }

  @Test
  void listens() {
    assertThat(
            run("listen", url(), "test/hello", "--header", "X-Uid: ann", "--count", "1", "--quiet"))
        .isEqualTo(Tool.DONE);
    assertThat(printed()).isEqualToIgnoringNewLines("test/hello 1");
    assertThat(err.toString(StandardCharsets.UTF_8)).isEmpty();
  }
}
