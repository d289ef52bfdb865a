/** The example's events: what ExampleServer.java reads and sends. A function type is an event with a reply. */
export type ExampleEvents = {
  // sent by this page
  "example/ping": (ping: { n: number }) => { n: number };
  "example/say": (say: Say) => string;
  "example/test-broadcast": undefined;
  "example/broadcast-loop": (on: { on: boolean }) => Settings;
  "example/bad-connections": (rate: { percent: number }) => Settings;
  "example/log-level": (level: { level: string }) => Settings;
  "example/connected-users": () => ConnectedUsers;

  // sent by the server
  "example/said": { from: string | null; text: string };
  "example/quick": { n: number; of: number };
  "example/tick": { n: number };
  "example/settings": Settings;
  "example/users": ConnectedUsers;
};

/** Something to say to a user, or to everyone where `to` is empty. */
export interface Say {
  to: string;
  text: string;
}

/** What is the same for all who look at the example. */
export interface Settings {
  broadcastLoop: boolean;
  badConnectionPercent: number;
  logLevel: string;
}

/** Who is connected, and by what. */
export interface ConnectedUsers {
  any: string[];
  webSocket: string[];
  ajax: string[];
}

/** What the server tells with the handshake. */
export interface Welcome {
  settings: Settings;
  users: ConnectedUsers;
}
