/** How many messages may be unacknowledged at most (V9). */
export const MAX_UNTOLD = 128;

/** How long a message may be unacknowledged, in ms (V9). */
export const ACKNOWLEDGE_WITHIN_MS = 1000;

/**
 * The receiving half of a stream: tells new messages from those seen before, and when to acknowledge. What number a
 * message has is counted by the connection that brought it.
 */
export class Inbound {
  #received = 0;
  #told = 0;

  /** How many accepted messages the peer has not been told of. */
  get untold(): number {
    return this.#received - this.#told;
  }

  /** Notes that the peer is being told of all that was accepted; gives their number. */
  tell(): number {
    return (this.#told = this.#received);
  }

  /** Accepts the message of this number: true if it is new, false if it was seen before (V7). Connections count without gaps. */
  accept(number: number): boolean {
    if (number <= this.#received) return false;
    this.#received = number;
    return true;
  }
}
