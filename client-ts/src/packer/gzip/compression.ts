export type Bytes = Uint8Array<ArrayBuffer>;

/** What a message begins with. Any flag but {@link GZIP} means that the message follows as it is. */
export const RAW = 0;
export const GZIP = 1;

/** How many bytes are worth compressing, as in Sente. */
const THRESHOLD = 1024;

/**
 * How much is given to the decompressor at a time: it may have to hold all that comes of it, a thousand times as much at
 * most.
 */
const SLICE = 4096;

/**
 * A message as it is sent: compressed if it is long enough, the platform can, and it gets no longer: it could be above a limit that
 * the message is within.
 *
 * @returns the message, or a promise that never rejects
 */
export function compressed(message: Bytes): Bytes | Promise<Bytes> {
  return message[0] === RAW && message.length > THRESHOLD
    ? through(message, () => new CompressionStream("gzip"), GZIP, message.length - 1)
    : message;
}

/**
 * A message as it was packed. What is not in gzip, or becomes too long, stays as it is: `unpack` refuses it.
 *
 * @returns the message, or a promise that never rejects
 */
export function decompressed(message: Bytes, maxLength: number): Bytes | Promise<Bytes> {
  return message[0] === GZIP
    ? through(message, () => new DecompressionStream("gzip"), RAW, maxLength)
    : message;
}

/** What comes out of a stream into which a message goes, without its flag, after another flag; the message if that fails. */
async function through(
  message: Bytes,
  newStream: () => CompressionStream | DecompressionStream,
  flag: number,
  room: number,
): Promise<Bytes> {
  try {
    let at = 1;
    const source = new ReadableStream<Bytes>({
      pull: (controller) => {
        if (at < message.length) controller.enqueue(message.slice(at, (at += SLICE)));
        else controller.close();
      },
    });
    const reader = source.pipeThrough(newStream()).getReader();
    const parts = [Uint8Array.of(flag)];
    for (let part; (part = (await reader.read()).value as Bytes | undefined);) {
      parts.push(part);
      if ((room -= part.length) < 0) {
        await reader.cancel();
        return message;
      }
    }
    return new Uint8Array(await new Blob(parts).arrayBuffer());
  } catch {
    return message;
  }
}
