package dev.sente.testkit.clients;

import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import dev.sente.packer.Packer;
import dev.sente.packer.edn.EdnPacker;
import dev.sente.packer.gzip.GzipPacker;
import dev.sente.packer.json.JsonPacker;
import dev.sente.packer.msgpack.MsgpackPacker;
import dev.sente.server.Builder;
import dev.sente.server.ChannelSocketServer;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/** What scenes are played with: each of them once for every setting that it is about. */
abstract class Scenes {

  private static final Packer JSON = JsonPacker.DEFAULT;

  /** Packers of text and of bytes, for what does not depend on them. */
  private static final List<Packer> FEW = List.of(JSON, GzipPacker.of(MsgpackPacker.DEFAULT));

  /** What happens in a scene. */
  @FunctionalInterface
  interface Play {
    void play(Stage stage) throws Exception;
  }

  /** Makes the clients that are tested. */
  protected abstract TestedClients clients();

  /** Starts a web server on any port of the loopback address, with this engine behind it. */
  protected abstract ServerOnPort serve(ChannelSocketServer engine);

  /** The packers that the clients know. Default those of core, and each of them in gzip. */
  protected List<Packer> packers() {
    return Stream.of(EdnPacker.DEFAULT, JSON, MsgpackPacker.DEFAULT)
        .flatMap(packer -> Stream.of(packer, GzipPacker.of(packer)))
        .toList();
  }

  private Stream<Setting> settings(List<Packer> packers) {
    return Stream.of(false, true)
        .flatMap(
            classic ->
                Stream.of(TestedOptions.Type.values())
                    .flatMap(
                        type ->
                            packers.stream().map(packer -> new Setting(type, classic, packer))));
  }

  /** Both protocols, every transport, every packer. */
  final Stream<DynamicTest> everywhere(Play play) {
    return everywhere(options -> options, play);
  }

  final Stream<DynamicTest> everywhere(UnaryOperator<Builder> options, Play play) {
    return settings(packers()).map(setting -> test(setting, options, play));
  }

  /** v2 by every transport, with every packer. */
  final Stream<DynamicTest> inV2(Play play) {
    return inV2(options -> options, play);
  }

  final Stream<DynamicTest> inV2(UnaryOperator<Builder> options, Play play) {
    return inV2(setting -> true, options, play);
  }

  final Stream<DynamicTest> inV2(
      Predicate<Setting> where, UnaryOperator<Builder> options, Play play) {
    return settings(packers())
        .filter(setting -> !setting.classic() && where.test(setting))
        .map(setting -> test(setting, options, play));
  }

  /** Classic mode by every transport, with every packer. */
  final Stream<DynamicTest> inClassic(UnaryOperator<Builder> options, Play play) {
    return settings(packers())
        .filter(Setting::classic)
        .map(setting -> test(setting, options, play));
  }

  /** Where it takes long, and the packer makes no difference. */
  final Stream<DynamicTest> withFewPackers(
      Predicate<Setting> where, UnaryOperator<Builder> options, Play play) {
    return settings(FEW).filter(where).map(setting -> test(setting, options, play));
  }

  final Stream<DynamicTest> withOnePacker(
      Predicate<Setting> where, UnaryOperator<Builder> options, Play play) {
    return settings(List.of(JSON)).filter(where).map(setting -> test(setting, options, play));
  }

  private DynamicTest test(Setting setting, UnaryOperator<Builder> options, Play play) {
    return dynamicTest(
        setting.toString(),
        () -> {
          try (var stage = new Stage(setting, clients(), this::serve, options)) {
            play.play(stage);
          }
        });
  }
}
