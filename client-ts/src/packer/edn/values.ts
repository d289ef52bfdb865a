/** What edn has and JavaScript has not. Those that stand for themselves are equal by `===`, so that they can be keys. */

/** Something is not edn, has no form in edn, or exceeds a limit. */
export class EdnError extends Error {
  /** Where in the text, counted in UTF-16 units from 0; -1 when writing. */
  readonly at: number;

  constructor(message: string, at = -1) {
    super(at < 0 ? message : `${message} (at ${at})`);
    this.name = "EdnError";
    this.at = at;
  }
}

const interned = new Map<string, WeakRef<Atom>>();
const forgotten = new FinalizationRegistry<string>((edn) => {
  if (!interned.get(edn)?.deref()) interned.delete(edn);
});

/** A value that is known by its text: there is one object for each, made by the class's `of`. */
export abstract class Atom {
  /** The value as text, without the marks that edn puts around it. */
  readonly text: string;
  /** The value as edn. */
  readonly edn: string;

  protected constructor(text: string, edn: string) {
    this.text = text;
    this.edn = edn;
  }

  toString(): string {
    return this.text;
  }

  toJSON(): unknown {
    return this.text;
  }

  /** The one object that is written so. What is written alike is of the same class. */
  protected static intern<T extends Atom>(edn: string, make: (edn: string) => T): T {
    const known = interned.get(edn)?.deref();
    if (known) return known as T;
    const atom = make(edn);
    interned.set(edn, new WeakRef(atom));
    forgotten.register(atom, edn);
    return atom;
  }
}

/** `:ns/name`; its text is `ns/name`. */
export class Keyword extends Atom {
  declare private readonly type: "keyword";

  /** @throws EdnError if there can be no such keyword */
  static of(name: string): Keyword {
    return Atom.intern(`:${token(name, "keyword")}`, (edn) => new Keyword(name, edn));
  }
}

/** A symbol, as `name` or `ns/name`. */
export class EdnSymbol extends Atom {
  declare private readonly type: "symbol";

  /** @throws EdnError if there can be no such symbol */
  static of(name: string): EdnSymbol {
    if (/^(?:[#\p{Nd}]|[+-]\d|\/.|(?:nil|true|false)$)/u.test(name))
      throw new EdnError(`not a symbol: ${JSON.stringify(name)}`);
    return Atom.intern(token(name, "symbol"), (edn) => new EdnSymbol(name, edn));
  }
}

/** The characters with a name. */
export const CHAR_NAMES: ReadonlyMap<string, string> = new Map([
  ["newline", "\n"],
  ["return", "\r"],
  ["space", " "],
  ["tab", "\t"],
  ["formfeed", "\f"],
  ["backspace", "\b"],
]);

/** A character: one UTF-16 unit. */
export class Char extends Atom {
  declare private readonly type: "char";

  /** @throws EdnError if the text is not one UTF-16 unit */
  static of(text: string): Char {
    if (text.length !== 1) throw new EdnError(`not a character: ${JSON.stringify(text)}`);
    const code = text.charCodeAt(0);
    const name = [...CHAR_NAMES].find(([, char]) => char === text)?.[0];
    // Only what prints is written as it is; half a surrogate pair would not survive UTF-8.
    const isPlain = (code > 32 && code < 127) || (code > 160 && code < 0x2000);
    const hex = `u${code.toString(16).padStart(4, "0")}`;
    return Atom.intern(`\\${name ?? (isPlain ? text : hex)}`, (edn) => new Char(text, edn));
  }
}

/** A UUID; its text is in lower case. */
export class Uuid extends Atom {
  declare private readonly type: "uuid";

  /** @throws EdnError if the text is no UUID */
  static of(text: string): Uuid {
    const lower = text.toLowerCase();
    if (!/^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/.test(lower))
      throw new EdnError(`not a UUID: ${JSON.stringify(text)}`);
    return Atom.intern(`#uuid "${lower}"`, (edn) => new Uuid(lower, edn));
  }
}

/** A decimal number of exactly these digits, as `1.50M`; its text is `1.50`. */
export class Decimal extends Atom {
  declare private readonly type: "decimal";

  /** @throws EdnError if the text is no number */
  static of(text: string): Decimal {
    if (!/^[+-]?\d+(?:\.\d*)?(?:[eE][+-]?\d+)?$/.test(text))
      throw new EdnError(`not a number: ${JSON.stringify(text)}`);
    return Atom.intern(`${text}M`, (edn) => new Decimal(text, edn));
  }

  /** The nearest number. */
  override valueOf(): number {
    return Number(this.text);
  }
}

/** In exact mode, a floating-point number that JavaScript would take for an integer, as `1.0`. */
export class Double extends Atom {
  declare private readonly type: "double";
  readonly value: number;

  private constructor(value: number, edn: string) {
    super(edn, edn);
    this.value = value;
  }

  /** @throws EdnError if the value is not a safe integer */
  static of(value: number): Double {
    if (!Number.isSafeInteger(value)) throw new EdnError(`a number of its own: ${value}`);
    return Atom.intern(`${value}.0`, (edn) => new Double(value, edn));
  }

  override valueOf(): number {
    return this.value;
  }

  override toJSON(): number {
    return this.value;
  }
}

/** A ratio in lowest terms, as `1/3`. */
export class Ratio extends Atom {
  declare private readonly type: "ratio";
  readonly numerator: bigint;
  /** Above 1. */
  readonly denominator: bigint;

  private constructor(numerator: bigint, denominator: bigint, edn: string) {
    super(edn, edn);
    this.numerator = numerator;
    this.denominator = denominator;
  }

  /**
   * The ratio in lowest terms; an integer if that is one.
   *
   * @throws EdnError if the denominator is 0
   */
  static of(numerator: bigint, denominator: bigint): Ratio | bigint {
    let [a, b] = [numerator, denominator];
    while (b) [a, b] = [b, a % b];
    if (!denominator) throw new EdnError("the denominator of a ratio must not be 0");
    // The sign of the divisor makes that of the denominator positive.
    const divisor = a < 0n === denominator < 0n ? a : -a;
    const [n, d] = [numerator / divisor, denominator / divisor];
    return d === 1n ? n : Atom.intern(`${n}/${d}`, (edn) => new Ratio(n, d, edn));
  }

  override valueOf(): number {
    return Number(this.numerator) / Number(this.denominator);
  }
}

/** In exact mode, a list, as `(1 2)`; vectors are arrays. */
export class EdnList {
  readonly items: readonly unknown[];

  constructor(items: readonly unknown[]) {
    this.items = items;
  }

  toJSON(): unknown {
    return this.items;
  }
}

/** `#tag value`, for a tag that edn itself does not define. */
export class TaggedValue {
  /** The tag, without its `#`. */
  readonly tag: string;
  readonly value: unknown;

  /** @throws EdnError if the tag is no symbol */
  constructor(tag: string, value: unknown) {
    this.tag = EdnSymbol.of(tag).text;
    this.value = value;
  }
}

/** White space as the server has it, for a class of characters. */
export const SPACE = "\\t-\\r\\x1c-\\x20\\u1680\\u2000-\\u2006\\u2008-\\u200a\\u2028\\u2029\\u205f\\u3000";

/** What else ends a token, likewise. */
export const MARKS = ',;"()[\\]{}\\\\@^`~';

/** What no token holds: white space and controls, to the server or to JavaScript; halves of a pair, which UTF-8 has not. */
const FOREIGN = new RegExp(`[\\0-\\x20\\x7f-\\x9f\\p{Z}\\ufeff${MARKS}\\p{Surrogate}]`, "u");

/** Clojure's rule: a name begins with no digit where it has a namespace, and colons neither end a part nor stand in pairs. */
const NAME = /^(?!:|.*::|.*:$)(?:[^/]+|\/|.*[^:]\/(?:\/|[^\d/][^/]*))$/;

/** The same text, if a reader takes all of it for one token. */
function token(text: string, what: string): string {
  if (FOREIGN.test(text) || !NAME.test(text)) throw new EdnError(`not a ${what}: ${JSON.stringify(text)}`);
  return text;
}
