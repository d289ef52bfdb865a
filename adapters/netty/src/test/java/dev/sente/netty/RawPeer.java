package dev.sente.netty;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/** A client that sends just the bytes that it is told to. */
final class RawPeer implements AutoCloseable {

  record Answer(int status, Map<String, String> headers, byte[] body) {
    String text() {
      return new String(body, StandardCharsets.UTF_8);
    }
  }

  record Frame(int opcode, boolean fin, byte[] payload) {
    String text() {
      return new String(payload, StandardCharsets.UTF_8);
    }

    int closeCode() {
      return payload.length < 2 ? 1005 : ByteBuffer.wrap(payload).getShort() & 0xFFFF;
    }
  }

  final Socket socket;
  private final DataInputStream in;

  RawPeer(int port) {
    this(open(port));
  }

  RawPeer(Socket socket) {
    try {
      this.socket = socket;
      socket.setSoTimeout(Await.SECONDS * 1000);
      socket.setTcpNoDelay(true);
      this.in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Socket open(int port) {
    try {
      return new Socket(InetAddress.getLoopbackAddress(), port);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A peer whose WebSocket is open. */
  static RawPeer upgraded(int port, String target) {
    var peer = new RawPeer(port);
    peer.upgrade(target);
    return peer;
  }

  void upgrade(String target) {
    send(upgradeRequest(target));
    if (head().status != 101) {
      throw new AssertionError("no WebSocket");
    }
  }

  static String upgradeRequest(String target) {
    return "GET "
        + target
        + " HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
  }

  void send(String text) {
    send(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  void send(byte[] bytes) {
    try {
      socket.getOutputStream().write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Sends while the server takes it; false once it has closed. */
  boolean trySend(byte[] bytes) {
    try {
      socket.getOutputStream().write(bytes);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  void sendText(String text) {
    send(frame(0x81, text.getBytes(StandardCharsets.UTF_8)));
  }

  void sendClose(int code) {
    send(frame(0x88, new byte[] {(byte) (code >> 8), (byte) code}));
  }

  /** A masked frame. */
  static byte[] frame(int first, byte... payload) {
    byte[] mask = {0x12, (byte) 0xF3, 0x45, 0x67};
    var frame = ByteBuffer.allocate(payload.length + 14);
    frame.put((byte) first);
    if (payload.length < 126) {
      frame.put((byte) (0x80 | payload.length));
    } else if (payload.length < 65536) {
      frame.put((byte) (0x80 | 126)).putShort((short) payload.length);
    } else {
      frame.put((byte) (0x80 | 127)).putLong(payload.length);
    }
    frame.put(mask);
    for (int i = 0; i < payload.length; i++) {
      frame.put((byte) (payload[i] ^ mask[i & 3]));
    }
    byte[] bytes = new byte[frame.position()];
    frame.flip().get(bytes);
    return bytes;
  }

  /** The next answer, with its body. */
  Answer answer() {
    return withBody(head());
  }

  /** An answer whose head was read, with its body. */
  Answer withBody(Answer head) {
    String length = head.headers.get("content-length");
    if (length == null) {
      return head;
    }
    try {
      return new Answer(head.status, head.headers, in.readNBytes(Integer.parseInt(length)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The next answer's head. */
  Answer head() {
    String status = line();
    var headers = new TreeMap<String, String>(String.CASE_INSENSITIVE_ORDER);
    for (String line = line(); !line.isEmpty(); line = line()) {
      int colon = line.indexOf(':');
      headers.put(line.substring(0, colon), line.substring(colon + 1).trim());
    }
    return new Answer(Integer.parseInt(status.split(" ", -1)[1]), headers, new byte[0]);
  }

  /** The next so many bytes. */
  byte[] bytes(int count) {
    try {
      return in.readNBytes(count);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** All that comes until the server ends the connection. */
  String rest() {
    try {
      return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String line() {
    try {
      var line = new ByteArrayOutputStream();
      for (int b = in.readUnsignedByte(); b != '\n'; b = in.readUnsignedByte()) {
        if (b != '\r') {
          line.write(b);
        }
      }
      return line.toString(StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The next frame. */
  Frame frame() {
    try {
      int first = in.readUnsignedByte();
      int length = in.readUnsignedByte();
      if (length == 126) {
        length = in.readUnsignedShort();
      } else if (length == 127) {
        length = (int) in.readLong();
      }
      return new Frame(first & 0x0F, (first & 0x80) != 0, in.readNBytes(length));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether the server has ended the connection without sending anything more; waits for it. */
  boolean isEnded() {
    try {
      return in.read() == -1;
    } catch (IOException e) {
      return e.getMessage() == null || !e.getMessage().contains("timed out");
    }
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
