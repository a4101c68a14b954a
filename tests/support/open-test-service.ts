import { mkdtemp, rm } from "node:fs/promises";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EventReply } from "../../api/contract/events.ts";
import type { ReservationReply } from "../../api/contract/reservations.ts";
import { generateKey, hashKey } from "../../api/features/access/hash-key.ts";
import { createApp } from "../../api/http/create-app.ts";
import type { AdmissionLimits } from "../../api/http/admission/admission-limits.ts";
import { limitConnections } from "../../api/http/admission/limit-connections.ts";
import { type ArrivalLimits, listen } from "../../api/http/listen.ts";
import type { RateLimits } from "../../api/http/quotas/quota-source.ts";
import type { Services } from "../../api/http/services.ts";
import { makeId } from "../../api/kernel/ids.ts";
import { createLog } from "../../api/kernel/log.ts";
import { assembleServices } from "../../api/worker.ts";
import type { Answer } from "./answer.ts";
import { requireRightStock } from "./check-stock.ts";
import { createClient, type Send, type Sent } from "./http-client.ts";
import { openTestDatabase, type TestDatabase } from "./open-test-database.ts";

export interface TestService {
  readonly url: string;
  readonly database: TestDatabase;
  readonly services: Services;
  /** Where the service keeps its files, such as the receipts of the demo. */
  readonly dataDir: string;
  /** One live key of each role. */
  readonly keys: { readonly admin: string; readonly service: string; readonly observer: string };
  readonly send: Send;
  /** A token that acts for this user. */
  makeBuyerToken(userId: string): Promise<string>;
  /** Makes an event with 10 tickets unless told otherwise. */
  createEvent(terms?: object): Promise<EventReply>;
  readEvent(eventId: string): Promise<EventReply>;
  /** Asks for tickets as the shop. */
  askForHold(eventId: string, userId: string, sent?: Sent & { readonly quantity?: number }): Promise<Answer>;
  /** Holds tickets as the shop, and fails unless it gets them. */
  hold(eventId: string, userId: string, quantity?: number): Promise<ReservationReply>;
  /** Sends confirm, extend or cancel as the shop. */
  change(reservationId: string, change: "confirm" | "extend" | "cancel", sent?: Sent): Promise<Answer>;
  /**
   * Stops the service; its database too when it has made it itself, after checking that every event's counters are
   * what its reservations add up to.
   */
  close(): Promise<void>;
}

/**
 * Starts the whole service behind its real listener, on a free port.
 *
 * @param options.database shares another service's database instead of making one
 * @param options.connectionString how the service reaches it, when that is not the straight way
 * @param options.demo also lets play money be taken
 * @param options.paymentGraceSeconds as the service has it, unless a test sets it
 * @param options.allowPrivateAddresses so that no test looks up a name, unless it says otherwise
 * @param options.rateLimits so high that they play no part, unless a test sets them
 */
export async function openTestService(
  options: {
    readonly database?: TestDatabase;
    readonly connectionString?: string;
    readonly demo?: boolean;
    readonly paymentGraceSeconds?: number;
    readonly publicSignup?: boolean;
    readonly hoardingHolds?: number;
    readonly hoardingSeconds?: number;
    readonly rateLimits?: RateLimits;
    readonly trustedProxies?: readonly string[];
    readonly allowPrivateAddresses?: boolean;
    readonly demoSupplierFailureRate?: number;
    readonly arrivalLimits?: Partial<ArrivalLimits>;
    readonly admission?: Partial<AdmissionLimits>;
  } = {},
): Promise<TestService> {
  const database = options.database ?? (await openTestDatabase());
  const keys = await insertKeys(database);
  const dataDir = await mkdtemp(join(tmpdir(), "holdfast-test-data-"));
  const { services, beginJobs, stop } = await assembleServices({
    connectionString: options.connectionString ?? database.connectionString,
    demo: options.demo ?? false,
    dataDir,
    ...(options.paymentGraceSeconds !== undefined && { paymentGraceSeconds: options.paymentGraceSeconds }),
    publicSignup: options.publicSignup ?? false,
    ...(options.hoardingHolds !== undefined && { hoardingHolds: options.hoardingHolds }),
    ...(options.hoardingSeconds !== undefined && { hoardingSeconds: options.hoardingSeconds }),
    log: createLog("silent"),
    rateLimits: options.rateLimits ?? { anonymousMax: 1_000_000, buyerMax: 1_000_000, signupMax: 1_000_000 },
    trustedProxies: options.trustedProxies ?? [],
    allowPrivateAddresses: options.allowPrivateAddresses ?? true,
    demoSupplierFailureRate: options.demoSupplierFailureRate ?? 0,
    ...(options.admission !== undefined && { admission: options.admission }),
  });
  beginJobs();
  const { door } = services;
  const server = await listen(
    door.guard(createApp(services)),
    { host: "127.0.0.1", port: 0, setting: "PORT" },
    {
      prepare: (listener) => limitConnections(listener, door),
      ...(options.arrivalLimits !== undefined && { limits: options.arrivalLimits }),
    },
  );
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const send = createClient(url);
  const close = async () => {
    await closeServer(server);
    await stop();
    await rm(dataDir, { recursive: true, force: true });
    if (options.database !== undefined) return;
    await requireRightStock(database).finally(() => database.close());
  };
  return { url, database, services, dataDir, keys, send, close, ...shopCalls(send, keys) };
}

function shopCalls(send: Send, keys: TestService["keys"]) {
  const expectStatus = (answer: Answer, status: number): Answer => {
    if (answer.status !== status) throw new Error(`Wanted ${status}, got ${answer.status} ${answer.text}`);
    return answer;
  };
  const askForHold: TestService["askForHold"] = (eventId, userId, { quantity, ...sent } = {}) =>
    send("post", `/v1/events/${eventId}/reservations`, {
      as: keys.service,
      body: { user_id: userId, ...(quantity !== undefined && { quantity }) },
      ...sent,
    });
  return {
    askForHold,
    hold: async (eventId: string, userId: string, quantity = 1) =>
      expectStatus(await askForHold(eventId, userId, { quantity }), 201).body as unknown as ReservationReply,
    change: (reservationId: string, change: string, sent: Sent = {}) =>
      send("post", `/v1/reservations/${reservationId}/${change}`, { as: keys.service, ...sent }),
    createEvent: async (terms: object = {}) => {
      const body = { name: "Concert", capacity: 10, ...terms };
      return expectStatus(await send("post", "/v1/events", { as: keys.admin, body }), 201)
        .body as unknown as EventReply;
    },
    readEvent: async (eventId: string) =>
      expectStatus(await send("get", `/v1/events/${eventId}`), 200).body as unknown as EventReply,
    makeBuyerToken: async (userId: string) => {
      const made = await send("post", "/v1/buyer-tokens", { as: keys.service, body: { user_id: userId } });
      return String(expectStatus(made, 201).body["buyer_token"]);
    },
  };
}

async function insertKeys(database: TestDatabase): Promise<TestService["keys"]> {
  const keys = {
    admin: generateKey("admin"),
    service: generateKey("service"),
    observer: generateKey("observer"),
  };
  for (const [role, key] of Object.entries(keys)) {
    const values = [makeId(), `test ${role}`, role, hashKey(key)];
    await database.query("insert into api_keys (id, name, role, digest) values ($1, $2, $3, $4)", values);
  }
  return keys;
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
