package dev.sente.testkit;

import dev.sente.testkit.Fault.Direction;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongFunction;

/**
 * A TCP proxy on loopback that breaks connections, to test how an application lives with a bad
 * network.
 *
 * <pre>{@code
 * try (var proxy = FaultProxy.to(server.port())) {
 *   proxy.faults(Fault.random(seed, 4000, Fault.Kind.CUT, Fault.Kind.RESET));
 *   var client = connect("http://127.0.0.1:" + proxy.port() + "/chsk");
 *   …
 *   proxy.faults(number -> Fault.NONE);
 *   proxy.breakAll(Fault.Kind.STALL);
 * }
 * }</pre>
 *
 * <p>Where bytes fall apart into reads makes no difference: a fault comes exactly after its number
 * of bytes. Bounds: {@value #MAX_CONNECTIONS} connections at a time, more are closed at once; 16
 * KiB under way in each direction of each. All methods may be called by any thread.
 */
public final class FaultProxy implements AutoCloseable {

  /** How many connections there may be at a time. */
  public static final int MAX_CONNECTIONS = 10_000;

  private static final int BUFFER_BYTES = 16 * 1024;
  private static final int CONNECT_MILLIS = 10_000;

  private final ServerSocket listening;
  private final AtomicLong numbers = new AtomicLong();
  private final Set<Connection> connections = ConcurrentHashMap.newKeySet();

  /** Where connections go. */
  private volatile InetSocketAddress target;

  private volatile LongFunction<Fault> faults = number -> Fault.NONE;

  private volatile boolean refusing;

  private FaultProxy(InetSocketAddress target) {
    this.target = target;
    try {
      this.listening = new ServerSocket(0, 1024, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException("no port to listen on", e);
    }
    Thread.ofVirtual().name("fault-proxy").start(this::accept);
  }

  /** A proxy to a port of this machine, without faults at first. */
  public static FaultProxy to(int port) {
    return to(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
  }

  /** A proxy to any server, without faults at first. */
  public static FaultProxy to(InetSocketAddress target) {
    return new FaultProxy(target);
  }

  /** The port that it listens on, of the loopback address. */
  public int port() {
    return listening.getLocalPort();
  }

  /** Sends connections that begin from now on to another port: the server has moved. */
  public void target(int port) {
    target = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  /** What befalls the connections that begin from now on, by their number, the first one's 1. */
  public void faults(LongFunction<Fault> faults) {
    this.faults = faults;
  }

  /** Whether connections that begin from now on are reset at once, as where nobody listens. */
  public void refuse(boolean refusing) {
    this.refusing = refusing;
  }

  /** Breaks all connections that there are now. */
  public void breakAll(Fault.Kind kind) {
    connections.forEach(connection -> connection.befall(kind));
  }

  /** How many connections there have been. */
  public long accepted() {
    return numbers.get();
  }

  /** How many connections there are now, those that are stalled included. */
  public int open() {
    return connections.size();
  }

  /** Ends it, and all its connections. */
  @Override
  public void close() {
    closeQuietly(listening);
    connections.forEach(Connection::end);
  }

  private void accept() {
    while (!listening.isClosed()) {
      Socket client;
      try {
        client = listening.accept();
      } catch (IOException e) {
        // Closed, or out of files: either way the next round shows.
        continue;
      }
      long number = numbers.incrementAndGet();
      if (refusing || connections.size() >= MAX_CONNECTIONS) {
        reset(client);
      } else {
        // At once, so that whoever breaks all breaks it, too.
        var connection = new Connection(client, faults.apply(number));
        connections.add(connection);
        Thread.ofVirtual().start(() -> serve(connection));
      }
    }
  }

  private void serve(Connection connection) {
    var client = connection.client;
    var server = connection.server;
    try {
      client.setTcpNoDelay(true);
      server.setTcpNoDelay(true);
      server.connect(target, CONNECT_MILLIS);
    } catch (IOException e) {
      reset(client);
      connection.end();
      return;
    }
    if (listening.isClosed()) {
      connection.end();
      return;
    }
    Thread.ofVirtual().start(() -> connection.pump(Direction.TO_SERVER));
    connection.pump(Direction.TO_CLIENT);
  }

  private static void reset(Socket socket) {
    try {
      socket.setOption(StandardSocketOptions.SO_LINGER, 0);
    } catch (IOException e) {
      // It has ended already.
    }
    closeQuietly(socket);
  }

  private static void closeQuietly(AutoCloseable socket) {
    try {
      socket.close();
    } catch (Exception e) {
      // It has ended already.
    }
  }

  /** A connection and its way on. */
  private final class Connection {
    private final Socket client;
    private final Socket server = new Socket();
    private final Fault fault;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    /** Guarded by lock, as what follows. */
    private boolean stalled;

    private boolean over;

    /** The directions that have come to their end: nothing more comes from there. */
    private final Set<Direction> finished = EnumSet.noneOf(Direction.class);

    Connection(Socket client, Fault fault) {
      this.client = client;
      this.fault = fault;
    }

    /** Passes bytes on in one direction until its end. */
    void pump(Direction direction) {
      boolean isToServer = direction == Direction.TO_SERVER;
      long left = fault.direction() == direction ? fault.atBytes() : Long.MAX_VALUE;
      var buffer = new byte[BUFFER_BYTES];
      try {
        InputStream from = (isToServer ? client : server).getInputStream();
        OutputStream to = (isToServer ? server : client).getOutputStream();
        while (true) {
          if (left == 0) {
            befall(fault.kind());
            // What is stalled goes on to be read, a buffer at most, to see its end.
            left = Long.MAX_VALUE;
          }
          int read = from.read(buffer);
          if (read < 0) {
            finish(direction, isToServer ? server : client);
            return;
          }
          int passed = (int) Math.min(read, left);
          awaitPassage(passed);
          to.write(buffer, 0, passed);
          left -= passed;
        }
      } catch (IOException e) {
        endUnlessStalled(direction);
      }
    }

    /** Waits while nothing may pass, and as long as slowness takes. */
    private void awaitPassage(int bytes) throws IOException {
      long nanos =
          fault.bytesPerSecond() == 0
              ? 0
              : TimeUnit.SECONDS.toNanos(bytes) / fault.bytesPerSecond();
      lock.lock();
      try {
        while (!over && (stalled || nanos > 0)) {
          if (stalled) {
            changed.awaitUninterruptibly();
          } else {
            nanos = changed.awaitNanos(nanos);
          }
        }
        if (over) {
          throw new IOException("over");
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException(e);
      } finally {
        lock.unlock();
      }
    }

    /** One side has said all it had to say; the other may go on, and hears of it if it can. */
    private void finish(Direction direction, Socket to) throws IOException {
      if (isLast(direction)) {
        end();
      } else {
        awaitPassage(0);
        to.shutdownOutput();
      }
    }

    /** Whether with this direction's end both have come to theirs. */
    private boolean isLast(Direction direction) {
      lock.lock();
      try {
        finished.add(direction);
        return finished.size() == Direction.values().length;
      } finally {
        lock.unlock();
      }
    }

    void befall(Fault.Kind kind) {
      switch (kind) {
        case CUT -> end();
        case RESET -> {
          reset(client);
          reset(server);
          end();
        }
        case STALL -> stall();
        case HALF_OPEN -> {
          stall();
          reset(server);
          if (isLast(Direction.TO_CLIENT)) {
            end();
          }
        }
      }
    }

    private void stall() {
      lock.lock();
      try {
        stalled = true;
      } finally {
        lock.unlock();
      }
    }

    private void endUnlessStalled(Direction direction) {
      boolean isStalled;
      lock.lock();
      try {
        isStalled = stalled && !over;
      } finally {
        lock.unlock();
      }
      if (isLast(direction) || !isStalled || client.isClosed()) {
        end();
      }
    }

    void end() {
      lock.lock();
      try {
        over = true;
        changed.signalAll();
      } finally {
        lock.unlock();
      }
      closeQuietly(client);
      closeQuietly(server);
      connections.remove(this);
    }
  }
}
