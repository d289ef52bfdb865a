package dev.sente.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.sente.server.router.IncomingEvent;
import dev.sente.server.router.Router;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What the router does with what handlers throw, and what it tells the log. */
class RouterTest {

  record Say(String text) {}

  private final List<IncomingEvent> taken = new ArrayList<>();
  private final Scene scene = new Scene();
  private final Router router = new Router(scene.time);
  private final ListAppender<ILoggingEvent> told = new ListAppender<>();

  private static Logger log() {
    return (Logger) LoggerFactory.getLogger("dev.sente.server");
  }

  @BeforeEach
  void listen() {
    told.start();
    log().addAppender(told);
    scene.server.otherwise(taken::add);
  }

  @AfterEach
  void listenNoMore() {
    log().detachAppender(told);
  }

  private List<String> toldLoudly() {
    return told.list.stream()
        .filter(event -> event.getLevel().isGreaterOrEqual(Level.WARN))
        .map(ILoggingEvent::getFormattedMessage)
        .toList();
  }

  private IncomingEvent event(String text) {
    scene.say(scene.connect("uid=alice&client-id=a"), text);
    return taken.getLast();
  }

  @Test
  void whatStrangersSendDoesNotFillTheLog() {
    router.on("chat/say", Say.class, (say, event) -> {});
    var misfit = event("[[:chat/say 1]]");
    for (int i = 0; i < 1000; i++) {
      router.handle(misfit);
    }
    assertThat(toldLoudly()).isEmpty();
    for (int i = 0; i < 1000; i++) {
      router.handle(event("[[:no/handler" + i % 200 + "]]"));
    }
    assertThat(toldLoudly()).hasSize(100).doesNotHaveDuplicates();
  }

  @Test
  void whatHandlersThrowAgainAndAgainIsCounted() {
    router.on("chat/say", Say.class, (say, event) -> event.reply(say.text().strip()));
    router.on("chat/ask", Say.class, (say, event) -> event.reply(say.text().strip()));
    var incomplete = event("[[:chat/say {}]]");
    for (int i = 0; i < 1000; i++) {
      router.handle(incomplete);
    }
    router.handle(event("[[:chat/ask {}]]"));
    assertThat(toldLoudly())
        .containsExactly(
            "the handler for chat/say failed at chat/say from alice/a",
            "the handler for chat/ask failed at chat/ask from alice/a");
    assertThat(told.list).allMatch(event -> event.getThrowableProxy() != null);

    told.list.clear();
    scene.pass(60_000);
    assertThat(toldLoudly())
        .containsExactly(
            "the handler for chat/say failed 999 times more, by java.lang.NullPointerException");

    told.list.clear();
    router.handle(incomplete);
    assertThat(toldLoudly()).hasSize(1);
  }

  @Test
  void whatHooksThrowAgainAndAgainIsCounted() {
    var careless =
        new Scene(
            o ->
                o.userId(request -> request.param("uid").orElseThrow())
                    .handshakeData(request -> request.param("data").orElseThrow()));
    for (int i = 0; i < 1000; i++) {
      assertThat(careless.get("client-id=a").status()).isEqualTo(500);
      assertThat(careless.get("client-id=a&uid=alice").status()).isEqualTo(500);
    }
    assertThat(toldLoudly())
        .containsExactly("a hook failed at GET /chsk", "a request failed at client a");
    told.list.clear();
    careless.pass(60_000);
    assertThat(toldLoudly()).hasSize(2).allMatch(line -> line.contains("failed 999 times more"));
  }

  @Test
  void strangersChooseNotHowOftenTheLogIsTold() {
    router.otherwise(
        event -> {
          throw new IllegalStateException("on purpose");
        });
    for (int i = 0; i < 1000; i++) {
      router.handle(event("[[:no/handler" + i + "]]"));
    }
    assertThat(toldLoudly()).hasSize(1);
    router.onError(
        (event, error) -> {
          throw new IllegalStateException("on purpose");
        });
    told.list.clear();
    for (int i = 0; i < 1000; i++) {
      router.handle(event("[[:no/handler" + i + "]]"));
    }
    assertThat(toldLoudly())
        .containsExactly("the error handler failed at no/handler0 from alice/a");
  }

  @Test
  void whatTheLogShowsOfAnIdIsHarmless() {
    scene.say(scene.connect("client-id=a&packer=json"), "[[\"no/a\u202e\u200bb\"]]");
    router.handle(taken.getLast());
    assertThat(toldLoudly()).containsExactly("no handler for no/a??b; not told again");
  }

  @Test
  void anErrorOfTheHandlersIsAnswered() {
    class NotWritten extends Error {
      private static final long serialVersionUID = 1;
    }
    var errors = new ArrayList<Throwable>();
    router.onError((event, error) -> errors.add(error));
    router.on(
        "a/b",
        event -> {
          throw new NotWritten();
        });
    router.handle(event("[[:a/b]]"));
    assertThat(errors).singleElement().isInstanceOf(NotWritten.class);
    router.onError(
        (event, error) -> {
          throw new NotWritten();
        });
    router.handle(event("[[:a/b]]"));
  }

  @Test
  void anErrorOfTheMachineIsNobodysToHide() {
    router.on(
        "a/b",
        event -> {
          throw new InternalError("on purpose");
        });
    var taken = event("[[:a/b]]");
    assertThatThrownBy(() -> router.handle(taken)).isInstanceOf(InternalError.class);
  }

  @Test
  void whatCannotEvenBeRefusedIsToldAllTheSame() {
    var small = new Scene(o -> o.maxMessageBytes(40));
    small.say(small.connect("uid=alice&client-id=a"), "[[:test/throw] \"x\"]");
    assertThat(small.errors).singleElement().isInstanceOf(IllegalStateException.class);
  }
}
