import type { Packed } from "../packer/packer.js";

/** A message on its way to the server. */
export interface Message {
  /** `[id]` or `[id, data]`, with the id as the packer's keyword. */
  readonly event: readonly unknown[];
  /** The callback id of a request; null for an event that wants no answer. */
  readonly cb: string | null;
  /** The message as a WebSocket carries it. */
  readonly packed: Packed;
  /** Its size as packed. */
  readonly bytes: number;
  /** Set by a transport that can take it back: whoever asked no longer wants the answer. */
  cancel?: () => void;
}

/** The messages that no transport has taken yet, in the order sent; bounded in number and bytes. */
export class Outbox {
  readonly #messages: Message[] = [];
  readonly #maxMessages: number;
  readonly #maxBytes: number;
  #bytes = 0;

  constructor(maxMessages: number, maxBytes: number) {
    this.#maxMessages = maxMessages;
    this.#maxBytes = maxBytes;
  }

  /** Puts a message at the end; false if there is no room for it. */
  offer(message: Message): boolean {
    if (this.#messages.length >= this.#maxMessages || this.#bytes + message.bytes > this.#maxBytes)
      return false;
    this.#messages.push(message);
    this.#bytes += message.bytes;
    return true;
  }

  /** Takes the oldest message out; undefined if there is none. */
  take(): Message | undefined {
    const message = this.#messages.shift();
    this.#bytes -= message?.bytes ?? 0;
    return message;
  }

  /** Takes a message out that is no longer wanted; false if it is not in here any more. */
  remove(message: Message): boolean {
    const at = this.#messages.indexOf(message);
    if (at >= 0) {
      this.#messages.splice(at, 1);
      this.#bytes -= message.bytes;
    }
    return at >= 0;
  }

  /** Whether a request with this callback id is in here. */
  hasCallback(cb: string): boolean {
    return this.#messages.some((message) => message.cb === cb);
  }

  clear(): void {
    this.#messages.length = this.#bytes = 0;
  }
}
