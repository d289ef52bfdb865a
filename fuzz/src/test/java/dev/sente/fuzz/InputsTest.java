package dev.sente.fuzz;

import static org.junit.jupiter.api.DynamicContainer.dynamicContainer;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.TestFactory;

/**
 * What there is to start from holds, cut off and changed too, and so does what was found before.
 */
class InputsTest {

  @TestFactory
  Stream<DynamicContainer> inputsHold() {
    return Target.ALL.stream()
        .map(
            target ->
                dynamicContainer(
                    target.name(),
                    Inputs.of(target).entrySet().stream()
                        .map(
                            input ->
                                dynamicTest(
                                    input.getKey(), () -> check(target, input.getValue())))));
  }

  private static void check(Target target, byte[] input) {
    Property.check(target, input);
    for (int length = 0; length < Math.min(input.length, 100); length++) {
      Property.check(target, Arrays.copyOf(input, length));
    }
    for (int at = 0; at < Math.min(input.length, 100); at++) {
      var changed = input.clone();
      changed[at] ^= 0x20;
      Property.check(target, changed);
    }
  }
}
