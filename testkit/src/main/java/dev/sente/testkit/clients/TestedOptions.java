package dev.sente.testkit.clients;

import dev.sente.packer.Packer;
import java.time.Duration;

/**
 * How a {@link TestedClient} is to be made. What is not named here has the client's default.
 *
 * <p>Where it leaves a wait to chance, that is to come out as a fiftieth of the upper bound, so
 * that a scene neither waits nor spins.
 *
 * @param type which transports it may use
 * @param classic whether it speaks classic mode
 * @param packer how values are packed
 * @param clientId its name among the user's clients
 * @param credentials what it says who it is, until told otherwise
 * @param handshakeTimeout give up a WebSocket without handshake after this, where there is another
 *     transport to try
 * @param pollTimeout give up a poll without answer after this
 * @param maxQueuedMessages how many messages may wait
 */
public record TestedOptions(
    Type type,
    boolean classic,
    Packer packer,
    String clientId,
    Credentials credentials,
    Duration handshakeTimeout,
    Duration pollTimeout,
    int maxQueuedMessages) {

  /** Which transports a client may use. */
  public enum Type {
    /** A WebSocket, or long-polling where that does not get through. */
    AUTO,
    /** A WebSocket only. */
    WS,
    /** Long-polling only. */
    AJAX
  }

  /** What a wait by chance is to be, as a share of its upper bound. */
  public static final double CHANCE = 0.02;

  /** The same with another client-id. */
  public TestedOptions withClientId(String clientId) {
    return new TestedOptions(
        type,
        classic,
        packer,
        clientId,
        credentials,
        handshakeTimeout,
        pollTimeout,
        maxQueuedMessages);
  }

  /** The same with other credentials. */
  public TestedOptions with(Credentials credentials) {
    return new TestedOptions(
        type,
        classic,
        packer,
        clientId,
        credentials,
        handshakeTimeout,
        pollTimeout,
        maxQueuedMessages);
  }

  /** The same with other time-outs. */
  public TestedOptions with(Duration handshakeTimeout, Duration pollTimeout) {
    return new TestedOptions(
        type,
        classic,
        packer,
        clientId,
        credentials,
        handshakeTimeout,
        pollTimeout,
        maxQueuedMessages);
  }

  /** The same with another bound of what may wait. */
  public TestedOptions withMaxQueuedMessages(int maxQueuedMessages) {
    return new TestedOptions(
        type,
        classic,
        packer,
        clientId,
        credentials,
        handshakeTimeout,
        pollTimeout,
        maxQueuedMessages);
  }
}
