import type { Network, WebSocketConstructor, WebSocketLike } from "../../platform.js";
import type { Bytes } from "./compression.js";

/** Changes a message, at once or later; a promise never rejects. */
type Change = (message: Bytes) => Bytes | Promise<Bytes>;

/** A network whose messages are changed on their way out and in. */
export function wrapNetwork({ WebSocket, fetch }: Network, outgoing: Change, incoming: Change): Network {
  return {
    WebSocket: WebSocket && socketClass(WebSocket, outgoing, incoming),
    fetch: async (input, init) => {
      let body = init?.body;
      if (body instanceof Uint8Array) {
        const changed = outgoing(body as Bytes);
        // Only what takes time is waited for, so that everything else is sent at once.
        body = changed instanceof Promise ? await changed : changed;
      }
      const response = await fetch(input, { ...init, body } as RequestInit);
      const read = response.arrayBuffer.bind(response);
      response.arrayBuffer = async () => (await incoming(new Uint8Array(await read()))).buffer;
      return response;
    },
  };
}

/** A constructor whose sockets change messages. */
function socketClass(
  WebSocket: WebSocketConstructor,
  outgoing: Change,
  incoming: Change,
): WebSocketConstructor {
  return function (...args: ConstructorParameters<WebSocketConstructor>): WebSocketLike {
    const inner = new WebSocket(...args);
    const receive = inOrder();
    const send = inOrder();
    let waitingBytes = 0;
    let isClosing = false;
    const socket: WebSocketLike = {
      binaryType: (inner.binaryType = "arraybuffer"),
      onmessage: null,
      onclose: null,
      onerror: null,
      get readyState() {
        return isClosing ? 2 : inner.readyState;
      },
      get bufferedAmount() {
        return inner.bufferedAmount + waitingBytes;
      },
      send: (data) => {
        waitingBytes += data.length;
        send(
          () => outgoing(data as Bytes),
          (message) => {
            waitingBytes -= data.length;
            if (inner.readyState === 1) inner.send(message);
          },
        );
      },
      close: (code, reason) => {
        isClosing = true;
        send(
          () => code,
          () => inner.close(code, reason),
        );
      },
    };
    inner.onmessage = ({ data }: { data: unknown }) => {
      receive(
        () => (data instanceof ArrayBuffer ? incoming(new Uint8Array(data)) : data),
        (message) => socket.onmessage?.({ data: message } as never),
      );
    };
    inner.onclose = (event) => {
      receive(
        () => event,
        () => socket.onclose?.(event),
      );
    };
    inner.onerror = (event) => socket.onerror?.(event);
    return socket;
  } as unknown as WebSocketConstructor;
}

/** Changes one message after the other, and hands each on as soon as that is done: at once where it takes no time. */
function inOrder(): <T>(change: () => T | Promise<T>, handOn: (message: T) => void) => void {
  let last: Promise<void> | undefined;
  return (change, handOn) => {
    const changed = last ? last.then(change, change) : change();
    if (changed instanceof Promise) {
      const mine = (last = changed.then((message) => {
        if (last === mine) last = undefined;
        handOn(message);
      }));
    } else {
      handOn(changed);
    }
  };
}
