package dev.sente.benchmarks;

import com.cognitect.transit.TransitFactory;
import com.cognitect.transit.TransitFactory.Format;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;

/** transit-java as it comes, with its own keywords. */
final class TransitJava implements Codec {

  private final Object value;

  TransitJava(Payload payload) {
    this.value = payload.plain(TransitFactory::keyword);
  }

  @Override
  public byte[] encode() {
    var out = new ByteArrayOutputStream(256);
    TransitFactory.<Object>writer(Format.JSON, out).write(value);
    return out.toByteArray();
  }

  @Override
  public Object decode(byte[] bytes) {
    return TransitFactory.reader(Format.JSON, new ByteArrayInputStream(bytes)).read();
  }

  @Override
  public Object expected() {
    return value;
  }
}
