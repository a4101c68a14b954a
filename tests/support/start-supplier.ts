import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** One order as it arrived. */
export interface SupplierCall {
  readonly key: string | undefined;
  readonly body: unknown;
}

/** How a supplier answers: with a status and a body, or in a way that no server should. */
export type Behaviour =
  | { readonly status: number; readonly body?: unknown; readonly headers?: Readonly<Record<string, string>> }
  | "silent"
  | "reset"
  | "half an answer";

export interface SupplierServer {
  readonly url: string;
  /** Everything that was asked, in order. */
  readonly calls: SupplierCall[];
  /** The orders that stand in its books, by their keys: each was delivered once, however often it was asked for. */
  readonly books: Map<string, number>;
  /** What it does next, one after the other; the last one stays. */
  behave(...next: readonly [Behaviour, ...Behaviour[]]): void;
  close(): Promise<void>;
}

export const deliverAll: Behaviour = { status: 200, body: "deliver" };

/** Starts a supplier on the loopback that does what it is told to do, right or wrong. */
export async function startSupplier(): Promise<SupplierServer> {
  const calls: SupplierCall[] = [];
  const books = new Map<string, number>();
  let behaviours: readonly Behaviour[] = [deliverAll];
  const take = async (request: IncomingMessage, response: ServerResponse) => {
    const body = JSON.parse(await readText(request)) as { readonly quantity: number };
    const key = String(request.headers["idempotency-key"]);
    calls.push({ key, body });
    if (!books.has(key)) books.set(key, body.quantity);
    const [now = deliverAll, ...later] = behaviours;
    if (later.length > 0) behaviours = later;
    answer(response, now, books.get(key) ?? 0);
  };
  const server = createServer((request, response) => {
    void take(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/orders`,
    calls,
    books,
    behave: (...next) => {
      behaviours = next;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answer(response: ServerResponse, behaviour: Behaviour, quantity: number): void {
  switch (behaviour) {
    case "silent":
      return;
    case "reset":
      response.socket?.resetAndDestroy();
      return;
    case "half an answer":
      response.writeHead(200, { "content-length": "1000" });
      response.write("{", () => response.socket?.resetAndDestroy());
      return;
    default: {
      const { status, body, headers = {} } = behaviour;
      const told = body === "deliver" ? { status: "delivered", quantity, reference: "PO-7" } : body;
      response.writeHead(status, { "content-type": "application/json", ...headers });
      response.end(typeof told === "string" ? told : JSON.stringify(told));
    }
  }
}

async function readText(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request) text += String(chunk);
  return text;
}
