package dev.sente.benchmarks.load;

import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * All clients of one subject. What they hear is checked here for order: each client's messages are
 * numbered one after the other from {@link Shape#FIRST}. On the driver's loop, but for what says
 * otherwise.
 */
public final class Fleet {

  /** Who is told what happens to the clients. */
  public interface Watch {

    /** A client got its next message. */
    void heard(int client, long number);

    /** A client, connected anew, can go on. */
    default void ready(int client) {}

    /** All is wrong. */
    void failed(Throwable cause);
  }

  /** How many connections may be opening at once. */
  private static final int OPENING = 64;

  /** Each client ticks twice a second; not all at once, as they do not in use. */
  private static final int TICKS = 50;

  private static final long TICK_MICROS = 500_000 / TICKS;

  /** A connection that lasted as long was no failure. */
  private static final long STABLE_NANOS = 1_000_000_000;

  /** Connections that open but do not last count as no more failures. */
  private static final int SHORT_LIVED = 3;

  private final Driver driver;
  private final Dialect dialect;
  private final boolean polls;
  private final int port;
  private final @Nullable Client[] clients;
  private final Ear[] ears;
  private final Frames frames = new Frames();
  private final CompletableFuture<Void> connected = new CompletableFuture<>();
  private int begun;
  private int ready;

  /** How many text messages or answers to polls came; read by any thread. */
  private volatile long parcels;

  private @Nullable Watch watch;
  private @Nullable Throwable failure;
  private boolean closed;

  /** Whether a lost connection is made anew. */
  private boolean returns;

  /** How many messages were missing, came twice, or were told as lost. */
  private long gaps;

  private long repeats;
  private long losses;

  /** A fleet that is to be connected. */
  public Fleet(Driver driver, Dialect dialect, boolean polls, int port, int count) {
    this.driver = driver;
    this.dialect = dialect;
    this.polls = polls;
    this.port = port;
    this.clients = new @Nullable Client[count];
    this.ears = new Ear[count];
  }

  /** How many clients it has. */
  public int size() {
    return clients.length;
  }

  /** Connects all; any thread. Completes when all are ready. */
  public CompletableFuture<Void> connect() {
    driver.run(
        () -> {
          for (int i = 0; i < Math.min(OPENING, clients.length); i++) {
            openNext();
          }
          driver.after(TICK_MICROS, () -> tick(0));
        });
    return connected;
  }

  private void openNext() {
    if (begun == clients.length) {
      return;
    }
    int index = begun++;
    var ear = new Ear(index);
    ears[index] = ear;
    if (polls) {
      var talk = dialect.pollTalk(index, ear);
      if (talk == null) {
        throw new IllegalStateException("this subject has no long-polling");
      }
      open(new Client.OfPolls(this, index, talk));
    } else {
      open(new Client.OfSocket(this, index, dialect.talk(index, ear)));
    }
  }

  private void open(Client client) {
    clients[client.index] = client;
    driver
        .bootstrap()
        .handler(client)
        .connect(Driver.address(client.index), port)
        .addListener(
            done -> {
              if (!done.isSuccess()) {
                gone(client);
              }
            });
  }

  private void tick(int first) {
    if (closed) {
      return;
    }
    for (int i = first; i < clients.length; i += TICKS) {
      var client = clients[i];
      if (client != null) {
        client.tick();
      }
    }
    driver.after(TICK_MICROS, () -> tick((first + 1) % TICKS));
  }

  /** Sets who is told; any thread. */
  public void watch(@Nullable Watch told) {
    driver.run(
        () -> {
          watch = told;
          if (failure != null && told != null) {
            told.failed(failure);
          }
        });
  }

  /** Has a client ask for an echo of its next message. */
  public void ask(int index, boolean flush) {
    var client = clients[index];
    if (client instanceof Client.OfSocket socket) {
      socket.talk().ask(socket, ears[index].next);
      if (flush) {
        socket.flush();
      }
    }
  }

  /** The number of the next message of this client. */
  public long next(int index) {
    return ears[index].next;
  }

  /** Cuts a client's connection. */
  public void cut(int index) {
    var client = clients[index];
    if (client != null) {
      client.cut();
    }
  }

  /** Whether a lost connection is made anew, with the back-off of Sente's clients (V27). */
  public void returns(boolean wanted) {
    returns = wanted;
  }

  /** How many text messages or answers to polls came so far; each may bring several. */
  public long parcels() {
    return parcels;
  }

  /** How many messages of a client's sequence never came. */
  public long gaps() {
    return gaps;
  }

  /** How many messages came twice. */
  public long repeats() {
    return repeats;
  }

  /** How often a client could not go on where it was. */
  public long losses() {
    return losses;
  }

  /** Closes all; any thread. */
  public void close() {
    driver.run(
        () -> {
          closed = true;
          Arrays.stream(clients).filter(client -> client != null).forEach(Client::cut);
        });
  }

  Frames frames() {
    return frames;
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // Only the loop writes.
  void arrived() {
    parcels++;
  }

  @SuppressWarnings("ReferenceEquality") // A connection is only equal to itself.
  void gone(Client client) {
    if (closed || clients[client.index] != client) {
      return;
    }
    if (!returns) {
      fail(new IllegalStateException("client " + client.index + " lost its connection"));
    } else if (client instanceof Client.OfSocket socket) {
      long bound = ears[client.index].backoff();
      long wait = (long) (ThreadLocalRandom.current().nextDouble() * bound * 1000);
      driver.after(wait, () -> open(new Client.OfSocket(this, client.index, socket.talk())));
    }
  }

  void fail(Throwable cause) {
    if (failure != null) {
      return;
    }
    failure = cause;
    connected.completeExceptionally(cause);
    if (watch != null) {
      watch.failed(cause);
    }
  }

  /** Hears for one client. */
  private final class Ear implements Talk.Ear {

    private final int index;
    private long next = Shape.FIRST;
    private boolean known;

    /** When it was last ready, by the nano clock; 0 while it is not. */
    private long readySince;

    private int failures;

    Ear(int index) {
      this.index = index;
    }

    /** The longest wait before the next attempt, in ms, as our clients have it (V27). */
    long backoff() {
      boolean wasOpen = readySince != 0;
      boolean wasStable = wasOpen && System.nanoTime() - readySince >= STABLE_NANOS;
      int more = wasOpen ? Math.min(failures + 1, SHORT_LIVED) : failures + 1;
      failures = wasStable ? 0 : more;
      readySince = 0;
      return Math.min(30_000, 250L << Math.clamp(failures - 1, 0, 20));
    }

    @Override
    public void ready() {
      readySince = System.nanoTime();
      if (!known) {
        known = true;
        openNext();
        if (++ready == clients.length) {
          connected.complete(null);
        }
      } else if (watch != null) {
        watch.ready(index);
      }
    }

    @Override
    public void heard(long number) {
      if (number != next) {
        if (!returns) {
          fail(new IllegalStateException("expected message " + next + ", was " + number));
          return;
        }
        if (number < next) {
          repeats++;
          return;
        }
        gaps += number - next;
      }
      next = number + 1;
      if (watch != null) {
        watch.heard(index, number);
      }
    }

    @Override
    public void lost() {
      losses++;
      if (!returns) {
        fail(new IllegalStateException("client " + index + " lost its session"));
      }
    }

    @Override
    public void wrong(String what) {
      fail(new IllegalStateException("client " + index + " got what it must not: " + what));
    }
  }
}
