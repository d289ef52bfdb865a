/** The Java side of the cross check, as a process that answers one request after the other. */
import { spawn, type ChildProcessByStdio } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";

const LEAST_JAVA = 21;
const root = fileURLToPath(new URL("../../..", import.meta.url));

export interface Java {
  /** Bytes of the value of this seed. */
  pack(packer: string, seed: number): Promise<Uint8Array<ArrayBuffer>>;
  /** Rejects unless the bytes are those of the value of this seed. */
  check(packer: string, seed: number, bytes: Uint8Array): Promise<unknown>;
  /** Unpacks bytes, and packs the value again. */
  echo(packer: string, bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer>>;
  /** Unpacks bytes by one packer, and packs the value by another; no bytes where that refuses. Rejects unless it reads its own. */
  relay(from: string, to: string, bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer>>;
  /** Rejects unless the bytes are a frame of v2 that a server reads. */
  frame(packer: string, bytes: Uint8Array): Promise<unknown>;
  stop(): void;
}

/** @throws Error if Java, or what is built of this project with it, is not there */
export function startJava(): Java {
  const given = process.env["SENTE_JAVA_CLASSPATH"];
  const built = `${root}example/target/lib`;
  if (!given && !(existsSync(built) && readdirSync(built).some((name) => name.startsWith("sente-transit"))))
    throw new Error(
      'Java packs the other half of these values: build it first with "mvn -q -pl example -am package -Dmaven.test.skip=true" (./sente test has done so), or name its class path in SENTE_JAVA_CLASSPATH.',
    );
  const source = fileURLToPath(new URL("CrossCheck.java", import.meta.url));
  const java = spawn(`${javaHome()}/bin/java`, ["-cp", given ?? `${built}/*`, source], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  return speakTo(java);
}

/** Where a JDK is that can run this: `JAVA_HOME`, or the newest in the usual place. */
function javaHome(): string {
  const place = "/usr/lib/jvm";
  const installed = existsSync(place) ? readdirSync(place).map((name) => `${place}/${name}`) : [];
  const versions = [process.env["JAVA_HOME"] ?? "", ...installed]
    .filter((home) => existsSync(`${home}/bin/javac`) && existsSync(`${home}/release`))
    .map((home) => {
      const release = readFileSync(`${home}/release`, "utf8");
      return { home, version: Number(/^JAVA_VERSION="(\d+)/m.exec(release)?.[1] ?? 0) };
    })
    .sort((a, b) => b.version - a.version);
  const [newest] = versions;
  if (!newest || newest.version < LEAST_JAVA)
    throw new Error(
      `Java packs the other half of these values: it needs a JDK ${LEAST_JAVA} or newer, named in JAVA_HOME.`,
    );
  return newest.home;
}

function speakTo(java: ChildProcessByStdio<Writable, Readable, null>): Java {
  const answers = java.stdout[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  let read: Buffer = Buffer.alloc(0);
  let last: Promise<unknown> = Promise.resolve();

  async function take(length: number): Promise<Buffer> {
    const parts = [read];
    for (let has = read.length; has < length; has += parts.at(-1)?.length ?? 0) {
      const next = await answers.next();
      if (next.done === true) throw new Error("Java has ended");
      parts.push(next.value);
    }
    const all = Buffer.concat(parts);
    read = all.subarray(length);
    return all.subarray(0, length);
  }

  async function ask(
    command: string,
    packer: string,
    seed: number,
    bytes: Uint8Array,
  ): Promise<Uint8Array<ArrayBuffer>> {
    const head = Buffer.alloc(3 + packer.length + 8);
    head.write(command);
    head.writeUInt16BE(packer.length, 1);
    head.write(packer, 3);
    head.writeInt32BE(seed, 3 + packer.length);
    head.writeInt32BE(bytes.length, 7 + packer.length);
    java.stdin.write(Buffer.concat([head, bytes]));
    const answer = await take(5);
    const content = await take(answer.readInt32BE(1));
    if (answer[0] !== 1) throw new Error(`Java: ${content.toString()}`);
    return Uint8Array.from(content);
  }

  function inTurn(...request: Parameters<typeof ask>): Promise<Uint8Array<ArrayBuffer>> {
    const mine = last.then(() => ask(...request));
    last = mine.catch(() => undefined);
    return mine;
  }

  return {
    pack: (packer, seed) => inTurn("p", packer, seed, new Uint8Array()),
    check: (packer, seed, bytes) => inTurn("c", packer, seed, bytes),
    echo: (packer, bytes) => inTurn("e", packer, 0, bytes),
    relay: (from, to, bytes) => inTurn("r", `${from}>${to}`, 0, bytes),
    frame: (packer, bytes) => inTurn("f", packer, 0, bytes),
    stop: () => java.stdin.end(),
  };
}
