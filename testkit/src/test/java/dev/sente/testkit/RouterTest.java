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

  private final Router router = new Router();
  private final List<IncomingEvent> taken = new ArrayList<>();
  private final Scene scene = new Scene();
  private final ListAppender<ILoggingEvent> told = new ListAppender<>();

  private static Logger log() {
    return (Logger) LoggerFactory.getLogger(Router.class);
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
