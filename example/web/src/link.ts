import { connect, type Chsk, type ChskState } from "sente-client";
import { edn } from "sente-client/edn";
import type { ExampleEvents } from "./events.ts";
import type { Session } from "./session.ts";

export interface Choice {
  transport: "auto" | "ws" | "ajax";
  packer: "json" | "edn";
}

export type Channel = Chsk<ExampleEvents>;

/** The channel as chosen on the page: another choice is another channel. */
export class Link {
  readonly #session: Session;
  readonly #prepare: (channel: Channel) => void;
  readonly #onState: (state: ChskState, previous?: ChskState) => void;
  #choice: Choice;
  #channel: Channel;

  /**
   * Connects.
   *
   * @param prepare adds the handlers, to each new channel
   * @param onState is told the state of whatever channel there is
   */
  constructor(
    session: Session,
    choice: Choice,
    prepare: (channel: Channel) => void,
    onState: (state: ChskState, previous?: ChskState) => void,
  ) {
    this.#session = session;
    this.#prepare = prepare;
    this.#onState = onState;
    this.#choice = choice;
    this.#channel = this.#connect();
  }

  get channel(): Channel {
    return this.#channel;
  }

  get choice(): Choice {
    return this.#choice;
  }

  /** Goes on by another transport, or with another packer. */
  choose(part: Partial<Choice>): void {
    this.#choice = { ...this.#choice, ...part };
    this.#channel.disconnect();
    this.#channel = this.#connect();
    this.#onState(this.#channel.state);
  }

  #connect(): Channel {
    const { transport, packer } = this.#choice;
    const channel: Channel = connect<ExampleEvents>("chsk", {
      type: transport,
      ...(packer === "edn" ? { packer: edn() } : {}),
      csrfToken: () => this.#session.csrfToken(),
    });
    this.#prepare(channel);
    channel.onState((state, previous) => {
      if (channel !== this.#channel) return;
      if (!state.open) this.#session.forget();
      this.#onState(state, previous);
    });
    return channel;
  }
}
