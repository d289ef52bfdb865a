package dev.sente.benchmarks.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ShapeTest {

  private static final Shape SHAPE = Shape.of("[#,{\"to\":@,\"n\":#}]");
  private static final int CLIENT = 7;

  private static long read(String text) {
    var in = Unpooled.copiedBuffer("--" + text + "--", StandardCharsets.US_ASCII);
    return SHAPE.read(in, 2, 2 + text.length(), CLIENT);
  }

  @Test
  void readsWhatItWrites() {
    var text = new String(SHAPE.bytes(1_000_000_042L, CLIENT), StandardCharsets.US_ASCII);

    assertThat(text).isEqualTo("[1000000042,{\"to\":100008,\"n\":1000000042}]");
    assertThat(text).hasSize(SHAPE.length());
    assertThat(read(text)).isEqualTo(1_000_000_042L);
  }

  @Test
  void refusesAllElse() {
    assertThat(read("[1000000042,{\"to\":100009,\"n\":1000000042}]")).isEqualTo(-1);
    assertThat(read("[1000000042,{\"to\":100008,\"n\":1000000043}]")).isEqualTo(-1);
    assertThat(read("[1000000042,{\"at\":100008,\"n\":1000000042}]")).isEqualTo(-1);
    assertThat(read("[1000000042,{\"to\":100008,\"n\":1000000042}")).isEqualTo(-1);
    assertThat(read("[100000004x,{\"to\":100008,\"n\":100000004x}]")).isEqualTo(-1);
  }

  @Test
  void notesHaveTheLengthsThatTheWorkloadsWant() {
    assertThat(Shape.of(Note.json(Note.ECHO)).length()).isEqualTo(120);
    assertThat(Shape.of(Note.json(Note.NEWS)).length()).isEqualTo(200);
  }
}
