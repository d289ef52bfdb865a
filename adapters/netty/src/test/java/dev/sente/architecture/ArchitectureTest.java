package dev.sente.architecture;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_USE_JAVA_UTIL_LOGGING;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who may know whom, and what nobody does (ARCHITECTURE.md). */
final class ArchitectureTest {

  private static final JavaClasses ALL =
      new ClassFileImporter()
          .withImportOption(ArchitectureTest::isNoTest)
          .importPackages("dev.sente");

  /** The modules whose sources are read: those that others build on. */
  private static final List<String> MODULES =
      List.of("core", "server", "testkit", "adapters/netty");

  private static final Pattern SYNCHRONIZED = Pattern.compile("^\\s*[^*/]*\\bsynchronized\\b");

  private static boolean isNoTest(Location location) {
    return new ImportOption.DoNotIncludeTests().includes(location);
  }

  @ParameterizedTest(name = "{0} knows {1}")
  @CsvSource({
    "event, ''",
    "time, ''",
    "mailbox, ''",
    "stream, ''",
    "packer, event",
    "packer.edn, event packer",
    "packer.json, event packer",
    "packer.msgpack, event packer",
    "packer.gzip, packer",
    "wire, event packer",
    "server.channel, ''",
    "server.gate, packer server.channel",
    "server.router, event packer time server.gate",
    "server.users, event packer wire mailbox server.gate server.router",
    "server.session, event packer wire stream time mailbox server.channel server.gate server.router"
        + " server.users server",
    "netty, server.channel",
    "testkit, event time packer server.."
  })
  void packageKnowsOnly(String name, String known) {
    var allowed = (name + " " + known).strip().split(" ");
    for (int i = 0; i < allowed.length; i++) {
      allowed[i] = "dev.sente." + allowed[i];
    }
    classes()
        .that()
        .resideInAPackage("dev.sente." + name)
        .should()
        .onlyDependOnClassesThat(
            resideOutsideOfPackage("dev.sente..").or(resideInAnyPackage(allowed)))
        .check(ALL);
  }

  @Test
  void packagesHaveNoCycles() {
    slices().matching("dev.sente.(*)..").should().beFreeOfCycles().check(ALL);
    slices().matching("dev.sente.packer.(*)").should().beFreeOfCycles().check(ALL);
    // The root package sets the others up; its options go down to the sessions.
    slices().matching("dev.sente.server.(*)").should().beFreeOfCycles().check(ALL);
  }

  @Test
  void onlyTheAdapterKnowsNetty() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.sente.netty")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.netty..")
        .check(ALL);
  }

  @Test
  void timeAndChanceComeFromOutside() {
    noClasses()
        .that()
        .resideOutsideOfPackages("dev.sente.netty", "dev.sente.time")
        .should()
        .callMethod(System.class, "currentTimeMillis")
        .orShould()
        .callMethod(System.class, "nanoTime")
        .orShould()
        .callMethod(Instant.class, "now")
        .orShould()
        .callMethod(Math.class, "random")
        .orShould()
        .callConstructor(Random.class)
        .orShould()
        .dependOnClassesThat()
        .haveFullyQualifiedName("java.util.concurrent.ThreadLocalRandom")
        .check(ALL);
  }

  @Test
  void nobodySleepsOrPrints() {
    noClasses().should().callMethod(Thread.class, "sleep", long.class).check(ALL);
    NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS.check(ALL);
    NO_CLASSES_SHOULD_USE_JAVA_UTIL_LOGGING.check(ALL);
  }

  /** A virtual thread may block in any of our locks without holding its carrier, on JDK 21 too. */
  @Test
  void nothingIsSynchronized() throws IOException {
    methods().should().notHaveModifier(JavaModifier.SYNCHRONIZED).check(ALL);
    var root = Path.of(System.getProperty("sente.root", "../.."));
    for (var module : MODULES) {
      try (var files = Files.walk(root.resolve(module).resolve("src/main/java"))) {
        for (var file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
          assertThat(Files.readAllLines(file))
              .as("%s: a ReentrantLock in place of synchronized", file)
              .noneMatch(line -> SYNCHRONIZED.matcher(line).find());
        }
      }
    }
  }

  @Test
  void datesAreKnownToPackersOnly() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.sente.packer..")
        .should()
        .dependOnClassesThat()
        .belongToAnyOf(Date.class, java.util.Calendar.class, java.text.DateFormat.class)
        .check(ALL);
  }

  @Test
  void namesSayWhatAThingIs() {
    classes()
        .should()
        .haveNameNotMatching(".*(Impl|Utils?|Helper|Manager)|.*\\.(Abstract|Base)[A-Z].*")
        .check(ALL);
  }

  @Test
  void everyPackageIsNullMarked() {
    assertThat(ALL.stream().map(c -> c.getPackage()).distinct())
        .allMatch(p -> p.isAnnotatedWith(NullMarked.class));
  }
}
