/** What is used here of transit-js, which brings no types. */
declare module "transit-js" {
  interface WriteHandler {
    readonly tag: (value: never) => string;
    readonly rep: (value: never) => unknown;
    readonly stringRep: (value: never) => string | null;
  }

  interface Transit {
    reader(
      type: "json",
      options: {
        readonly cache: unknown;
        readonly handlers: Readonly<Record<string, (rep: unknown) => unknown>>;
        readonly defaultHandler: (tag: string, rep: unknown) => unknown;
        readonly preferBuffers: false;
        readonly mapBuilder: {
          readonly init: (node: unknown) => Map<unknown, unknown>;
          readonly add: (map: Map<unknown, unknown>, key: unknown, value: unknown) => Map<unknown, unknown>;
          readonly finalize: (map: Map<unknown, unknown>) => unknown;
        };
        readonly arrayBuilder: {
          readonly init: () => unknown[];
          readonly add: (array: unknown[], value: unknown) => unknown[];
          readonly finalize: (array: unknown[]) => unknown;
        };
      },
    ): { read(text: string): unknown };
    writer(
      type: "json" | "json-verbose",
      options: { readonly cache: unknown; readonly handlers: ReadonlyMap<unknown, unknown> },
    ): { write(value: unknown): string };
    makeWriteHandler(handler: WriteHandler): unknown;
    tagged(tag: string, rep: unknown): unknown;
    isTaggedValue(value: unknown): value is { readonly tag: string; readonly rep: unknown };
    isInteger(value: unknown): boolean;
  }

  const transit: Transit;
  export default transit;
}
