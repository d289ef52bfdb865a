/**
 * The sending half of a stream: keeps every message until it is acknowledged, and knows which the present connection
 * has been given. Messages have the numbers 1, 2, 3 … in the order of {@link Outbound.append}.
 *
 * Invariant: `acknowledged ≤ cursor ≤ given ≤ last`.
 */
export class Outbound<M extends { readonly bytes: number }> {
  /** The messages acknowledged + 1 to last. */
  readonly #kept: M[] = [];
  #acknowledged = 0;
  #cursor = 0;
  /** The highest number that any connection was given. */
  #given = 0;
  #bytes = 0;
  #asked = false;

  /** The number of the last message; 0 before the first. */
  get last(): number {
    return this.#acknowledged + this.#kept.length;
  }

  /** The number up to which the peer has acknowledged. */
  get acknowledged(): number {
    return this.#acknowledged;
  }

  /** The number up to which messages were given to the present connection. */
  get cursor(): number {
    return this.#cursor;
  }

  /** Whether there are messages that the present connection has not been given. */
  get hasMore(): boolean {
    return this.#cursor < this.last;
  }

  /**
   * Adds a message at the end, unless that passes a bound; a single message may be of any size.
   *
   * @returns its number; 0, with nothing added, where a bound would be passed
   */
  append(message: M, maxMessages: number, maxBytes: number): number {
    const { bytes } = message;
    if (this.#kept.length >= maxMessages || (this.#bytes > 0 && this.#bytes + bytes > maxBytes)) return 0;
    this.#bytes += bytes;
    this.#kept.push(message);
    return this.last;
  }

  /** Whether more is kept than so many messages, or bytes. */
  exceeds(messages: number, bytes: number): boolean {
    return this.#kept.length > messages || this.#bytes > bytes;
  }

  /**
   * Whether to ask the peer for an acknowledgement (V9): more than a quarter of what may be kept is, of messages or of bytes, and
   * it has not been asked since it acknowledged last. It counts as asked from now on.
   */
  asks(maxMessages: number, maxBytes: number): boolean {
    return !this.#asked && (this.#asked = this.exceeds(maxMessages / 4, maxBytes / 4));
  }

  /** Takes the next messages for the present connection: at least one where there is one, and more while they fit. */
  take(maxBytes: number): M[] {
    const from = this.#cursor - this.#acknowledged;
    let to = from;
    let size = 0;
    for (const { bytes } of this.#kept.slice(from)) {
      size += bytes;
      if (to > from && size > maxBytes) break;
      to++;
    }
    this.#cursor = this.#acknowledged + to;
    this.#given = Math.max(this.#given, this.#cursor);
    return this.#kept.slice(from, to);
  }

  /** Takes a message back; false, with nothing changed, if a connection was given it, or it is not kept. */
  withdraw(message: M): boolean {
    const at = this.#kept.indexOf(message, this.#given - this.#acknowledged);
    if (at < 0) return false;
    this.#kept.splice(at, 1);
    this.#bytes -= message.bytes;
    return true;
  }

  /**
   * Forgets the messages up to a number: the peer has them.
   *
   * @returns false, with nothing changed, if that many were never given to a connection, or it is no number: the peer breaks the protocol (V10)
   */
  acknowledge(number: number): boolean {
    if (!(number <= this.#given)) return false;
    this.#asked = false;
    for (const message of this.#kept.splice(0, number - this.#acknowledged)) this.#bytes -= message.bytes;
    this.#acknowledged = Math.max(this.#acknowledged, number);
    this.#cursor = Math.max(this.#cursor, this.#acknowledged);
    return true;
  }

  /**
   * Begins with a new connection, whose peer has the messages up to a number.
   *
   * @returns false, with nothing changed, if those after it are not all kept, or it was never reached
   */
  resumeAt(number: number): boolean {
    if (number < this.#acknowledged || !this.acknowledge(number)) return false;
    this.#cursor = number;
    return true;
  }

  /** Takes out every message that is kept, in order: first those that a connection was given, then the others. */
  drain(): readonly [given: M[], rest: M[]] {
    const given = this.#kept.splice(0, this.#given - this.#acknowledged);
    const rest = this.#kept.splice(0);
    this.#acknowledged = this.#cursor = this.#given += rest.length;
    this.#bytes = 0;
    return [given, rest];
  }
}
