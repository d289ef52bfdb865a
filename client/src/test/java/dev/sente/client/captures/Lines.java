package dev.sente.client.captures;

import dev.sente.packer.gzip.GzipPacker;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;

/**
 * What a client said, as lines that can be compared: bytes as Latin-1, and what may differ left
 * out.
 */
final class Lines {

  /** A callback's id at the end of a frame, in edn, Transit or MessagePack. */
  private static final Pattern CALLBACK =
      Pattern.compile("(?:\"(?:[\\da-f]{6}|ping)\"\\]|\u00a6[\\da-f]{6}|\u00a4ping)$");

  /** The same character as bytes of UTF-8. */
  private static final String SMILE = latin1("😀".getBytes(StandardCharsets.UTF_8));

  private static final String GZIP = "gzip ";

  private Lines() {}

  private static boolean isGzip(byte[] packed) {
    return packed.length > 0 && packed[0] == 1;
  }

  /** A frame; what is compressed comes after a mark, as it was before. */
  static String ofPacked(byte[] packed) {
    return isGzip(packed) ? GZIP + latin1(GzipPacker.unwrap(packed, 1 << 20)) : latin1(packed);
  }

  /** The frame of a line that was made out of one. */
  static byte[] toPacked(String line) {
    if (!line.startsWith(GZIP)) {
      return line.getBytes(StandardCharsets.ISO_8859_1);
    }
    var out = new ByteArrayOutputStream();
    out.write(1);
    try (var gzip = new GZIPOutputStream(out)) {
      gzip.write(line.substring(GZIP.length()).getBytes(StandardCharsets.ISO_8859_1));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  private static String latin1(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  /** An HTTP request: what the library decides about it, not the browser or the platform. */
  static String ofRequest(String method, String query, UnaryOperator<String> header, String body) {
    var line = new StringBuilder(method).append('\n').append(query);
    for (var name : new String[] {"x-csrf-token", "x-requested-with", "content-type"}) {
      line.append('\n').append(name).append(": ").append(header.apply(name));
    }
    // Not every encoder leaves the same characters as they are.
    boolean isForm = header.apply("content-type").startsWith("application/x-www-form-urlencoded");
    return line.append('\n')
        .append(isForm ? URLDecoder.decode(body, StandardCharsets.UTF_8) : body)
        .toString();
  }

  /** The callback's id with which this frame ends; empty where there is none. */
  static String callback(String line) {
    var found = CALLBACK.matcher(line);
    return found.find() ? found.group() : "";
  }

  /** A recorded frame with this client's callback ids in place of the recorded client's. */
  static byte[] withIds(byte[] packed, Map<String, String> ids) {
    var line = ofPacked(packed);
    for (var id : ids.entrySet()) {
      line = line.replace(id.getKey(), id.getValue());
    }
    return toPacked(line);
  }

  /**
   * Without times and callbacks, and without the packer's name, which only this client sends. Two
   * values are packed otherwise than by Sente's client, and mean the same: 1.5 with double
   * precision, and a character beyond 16 bits in Transit.
   */
  static String own(String line) {
    var plain =
        line.replaceFirst("&packer=[^&\n]*", "")
            .replaceAll("udt=\\d+", "udt=*")
            .replace("\u00cb?\u00f8\0\0\0\0\0\0", "\u00ca?\u00c0\0\0")
            .replace("\\uD83D\\uDE00", "😀")
            .replace("😀", SMILE);
    return CALLBACK.matcher(plain).replaceFirst("*");
  }

  /**
   * The same of the recorded client, for which "null" stands for no token. It also says nil for
   * data that is nil, where this one, for which that is no data, says nothing.
   */
  static String recorded(String line) {
    return own(line)
        .replace("x-csrf-token: null", "x-csrf-token: ")
        .replace("[:test/echo nil]", "[:test/echo]")
        .replace("[\"~:test/echo\",null]", "[\"~:test/echo\"]")
        .replaceFirst("\\x92(\\xc7.{2}test/echo)\\xc0", "\u0091$1");
  }
}
