// Socket.IO as a subject of ./sente bench: takes the commands of subject/Console.java, a line each.
// Set up for production as its documentation says ("Performance tuning", "Memory usage"): WebSocket
// only, no compression, bufferutil, and the first request of each client let go.

import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { Server } from 'socket.io';

// What load/Note.java has, whose lengths are those of the data in compact JSON.
const length = 200;
const everyone = 100_000;
const firstClient = 100_001;
const around = JSON.stringify({ n: 1_000_000_000, to: everyone, text: '' }).length;
const text = 'It is the same for all of them, so it is framed once. '.repeat(8).slice(0, length - around);

const http = createServer();
const io = new Server(http, { transports: ['websocket'], serveClient: false, perMessageDeflate: false });
io.engine.on('connection', (socket) => {
  socket.request = null;
});
io.on('connection', (socket) => {
  socket.join(socket.handshake.auth.user);
  socket.on('echo', (note, reply) => reply(note));
});

const commands = {
  broadcast(number, count) {
    for (let i = 0; i < count; i++) {
      io.emit('news', { n: number + i, to: everyone, text });
    }
  },
  push(number, first, count) {
    for (let client = first; client < first + count; client++) {
      const to = firstClient + client;
      io.to(String(to)).emit('post', { n: number, to, text });
    }
  },
  // V8 does not tell.
  allocated() {
    console.log('allocated 0');
  },
  heap() {
    for (let i = 0; i < 3; i++) {
      globalThis.gc();
    }
    const { heapUsed, external } = process.memoryUsage();
    console.log(`heap ${heapUsed + external}`);
  },
  'profile-start'() {},
  'profile-stop'(file) {
    console.log(`profile-stop ${file} 0`);
  },
  quit() {
    process.exit(0);
  },
};

const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
  const [name, ...words] = line.split(' ');
  commands[name](...words.map((word) => (/^\d+$/.test(word) ? Number(word) : word)));
});
lines.on('close', () => process.exit(0));

http.listen(0, () => console.log(`READY ${http.address().port}`));
