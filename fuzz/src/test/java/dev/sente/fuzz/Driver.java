package dev.sente.fuzz;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What jazzer calls, with one argument: the target, or {@code all}, where the first byte of each
 * input chooses. Jazzer's own tracing allocates too, so who seems to allocate too much is written
 * to the folder of suspects, to be measured again without it.
 */
public final class Driver {

  /** The property that names the folder of suspects. */
  static final String SUSPECTS = "sente.fuzz.suspects";

  private static @Nullable Target target;
  private static Path suspects = Path.of("");

  private Driver() {}

  /** Called once, with the argument. */
  public static void fuzzerInitialize(String[] args) {
    target = args[0].equals("all") ? null : Target.of(args[0]);
    suspects = Path.of(requireNonNull(System.getProperty(SUSPECTS)));
  }

  /** Called with each input. */
  public static void fuzzerTestOneInput(byte[] input) {
    var chosen = target;
    if (chosen != null) {
      check(chosen, input);
    } else if (input.length > 0) {
      int number = (input[0] & 0xff) % Target.ALL.size();
      check(Target.ALL.get(number), Arrays.copyOfRange(input, 1, input.length));
    }
  }

  private static void check(Target chosen, byte[] input) {
    if (Property.excess(chosen, input) > 0) {
      try {
        var folder = Files.createDirectories(suspects.resolve(chosen.name()));
        Files.write(folder.resolve(Integer.toHexString(Arrays.hashCode(input))), input);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
