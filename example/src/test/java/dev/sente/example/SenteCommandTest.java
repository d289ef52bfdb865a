package dev.sente.example;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The command {@code ./sente}, in a folder where there is nothing else. */
final class SenteCommandTest {

  private record Said(int status, String out, String error) {}

  @TempDir private Path folder;

  @BeforeEach
  void copy() throws IOException {
    var root = Path.of(System.getProperty("sente.root", ".."));
    Files.copy(root.resolve("sente"), folder.resolve("sente"));
  }

  private Said bash(String... arguments) throws IOException, InterruptedException {
    var command = new ArrayList<>(List.of("bash"));
    command.addAll(List.of(arguments));
    var out = folder.resolve("out");
    var error = folder.resolve("error");
    var process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectOutput(out.toFile())
            .redirectError(error.toFile());
    process.environment().put("CHROMIUM", folder.resolve("no-browser").toString());
    int status = process.start().waitFor();
    return new Said(status, Files.readString(out), Files.readString(error));
  }

  @Test
  void totalsAreToldHoweverManyTestsFail() throws Exception {
    var reports = Files.createDirectories(folder.resolve("target/test-reports"));
    Files.writeString(reports.resolve("client-ts.log"), "");
    var xml = new StringBuilder("<testsuite name=\"a\" tests=\"1001\" failures=\"1000\">\n");
    for (int i = 0; i < 1000; i++) {
      xml.append("<testcase classname=\"a\" name=\"t").append(i).append("\">\n");
      xml.append("<failure message=\"").append("why ".repeat(100)).append("\"/>\n</testcase>\n");
    }
    xml.append("</testsuite>\n");
    Files.writeString(reports.resolve("client-ts.xml"), xml, StandardCharsets.UTF_8);

    var said = bash("-c", "source ./sente help >/dev/null; summarize");

    assertThat(said.out()).isEqualTo("1 passed, 1000 failed\n");
    assertThat(said.status()).isEqualTo(1);
    assertThat(said.error().lines().filter(line -> line.contains("failed: a t"))).hasSize(30);
  }

  @ParameterizedTest
  @ValueSource(strings = {"100,000", "1e6", "1_000_000", "all", "0", "-1", ""})
  void simulateTakesNumbersOnly(String number) throws Exception {
    for (var option : new String[] {"--runs", "--seed"}) {
      var said = bash("./sente", "simulate", option, number);

      assertThat(said.error()).isEqualTo(option + " needs a number.\n");
      assertThat(said.status()).isEqualTo(1);
    }
  }

  @Test
  void namedBrowserMustBeThere() throws Exception {
    var said = bash("-c", "source ./sente help >/dev/null; require_browser");

    assertThat(said.error())
        .isEqualTo("CHROMIUM names " + folder + "/no-browser, which cannot be run.\n");
    assertThat(said.status()).isEqualTo(1);
  }

  @Test
  void aLinkLeadsToTheFolder() throws Exception {
    var link = Files.createDirectories(folder.resolve("a folder/bin")).resolve("sente");
    Files.createSymbolicLink(link, Path.of("../first"));
    Files.createSymbolicLink(folder.resolve("a folder/first"), folder.resolve("sente"));

    var said = bash("-c", "source 'a folder/bin/sente' help >/dev/null; echo \"$root\"");

    assertThat(said.out()).isEqualTo(folder.toRealPath() + "\n");
  }

  @Test
  void theFolderIsItsOwnWhateverCdpathSays() throws Exception {
    Files.createDirectories(folder.resolve("elsewhere/here"));
    var here = Files.createDirectories(folder.resolve("here"));
    Files.copy(folder.resolve("sente"), here.resolve("sente"));

    var said =
        bash(
            "-c",
            "export CDPATH=$PWD/elsewhere:.; source here/sente help >/dev/null; echo \"$root\"");

    assertThat(said.out()).isEqualTo(here.toRealPath() + "\n");
  }

  @Test
  void nothingIsRemovedInAnotherFolder() throws Exception {
    var reports = Files.createDirectories(folder.resolve("other/target/surefire-reports"));

    var said = bash("./sente", "test");

    assertThat(said.error()).startsWith("This works in Sente's own folder only, and ");
    assertThat(said.status()).isEqualTo(1);
    assertThat(reports).exists();
  }

  @ParameterizedTest
  @ValueSource(strings = {"test", "install"})
  void whatHasNoOptionsTakesNone(String command) throws Exception {
    var said = bash("./sente", command, "--help");

    assertThat(said.error()).isEqualTo(command + " has no options, and was given --help.\n");
    assertThat(said.status()).isEqualTo(1);
  }

  private void fakeJdk(String name, int version) throws IOException {
    var home = folder.resolve(name);
    var javac = Files.createDirectories(home.resolve("bin")).resolve("javac");
    Files.writeString(javac, "");
    assertThat(javac.toFile().setExecutable(true)).isTrue();
    Files.writeString(home.resolve("release"), "JAVA_VERSION=\"" + version + ".0.1\"\n");
  }

  @Test
  void theJdkIsTheNewestThereIs() throws Exception {
    fakeJdk("jdk-21", 21);
    fakeJdk("jdk-100", 100);
    fakeJdk(".jdks/jdk-99", 99);

    var said =
        bash(
            "-c",
            """
            source ./sente help >/dev/null
            HOME=$PWD
            for given in jdk-100 jdk-21 none ''; do
              JAVA_HOME=${given:+$PWD/$given}
              find_jdk
              echo "${JAVA_HOME#$PWD/}"
            done
            unset JAVA_HOME
            find_jdk
            echo "${JAVA_HOME#$PWD/}"
            """);

    assertThat(said.out()).isEqualTo("jdk-100\n" + ".jdks/jdk-99\n".repeat(4));
  }

  @Test
  void aJdkIsLookedForWithoutHome() throws Exception {
    var said = bash("-c", "source ./sente help >/dev/null; unset HOME; jdk_candidates");

    assertThat(said.error()).isEmpty();
    assertThat(said.out()).contains("/usr/lib/jvm").contains("/opt");
  }

  private void command(String name, String script) throws IOException {
    var file = Files.createDirectories(folder.resolve("bin")).resolve(name);
    Files.writeString(file, "#!/usr/bin/env bash\n" + script);
    assertThat(file.toFile().setExecutable(true)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1nodesource1 nodejs", "+dfsg-1 nodejs npm"})
  void npmIsNamedWhereItIsAPackageOfItsOwn(String versionAndPackages) throws Exception {
    var parts = versionAndPackages.split(" ", 2);
    command("apt-get", "");
    // More than a pipe holds, so that it is ended if nobody reads it.
    command(
        "apt-cache",
        """
        echo '  Candidate: 22.20.0%s'
        for ((i = 0; i < 20000; i++)); do echo '  Version table'; done
        """
            .formatted(parts[0]));

    var said = bash("-c", "source ./sente help >/dev/null; PATH=$PWD/bin:$PATH; node_packages");

    assertThat(said.out()).isEqualTo(parts[1] + "\n");
  }

  @Test
  void aNodeThatDoesNotRunIsNone() throws Exception {
    command("node", "exit 1");
    command("npm", "");

    var said =
        bash(
            "-c",
            """
            source ./sente help >/dev/null
            has_apt() { false; }
            PATH=$PWD/bin:$PATH lacking=() packages=() elsewhere=()
            require_node
            echo "${lacking[0]}"
            """);

    assertThat(said.error()).isEmpty();
    assertThat(said.out()).startsWith("Node 20.19 or newer");
  }
}
