package dev.sente.testkit.packer;

import dev.sente.packer.Packer;
import dev.sente.packer.edn.EdnPacker;
import dev.sente.packer.gzip.GzipPacker;
import dev.sente.packer.json.JsonPacker;
import dev.sente.packer.msgpack.MsgpackPacker;
import org.junit.jupiter.api.Nested;

/** The packers of core pass the kit. */
class CorePackersTest {

  @Nested
  class Edn extends PackerTck {
    @Override
    protected Packer packer() {
      return EdnPacker.DEFAULT;
    }
  }

  @Nested
  class Json extends PackerTck {
    @Override
    protected Packer packer() {
      return JsonPacker.DEFAULT;
    }
  }

  @Nested
  class Msgpack extends PackerTck {
    @Override
    protected Packer packer() {
      return MsgpackPacker.DEFAULT;
    }
  }

  @Nested
  class EdnInGzip extends PackerTck {
    @Override
    protected Packer packer() {
      return GzipPacker.of(EdnPacker.DEFAULT);
    }
  }

  @Nested
  class MsgpackInGzip extends PackerTck {
    @Override
    protected Packer packer() {
      return GzipPacker.of(MsgpackPacker.DEFAULT);
    }
  }
}
