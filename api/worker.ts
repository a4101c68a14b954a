import { OutcomeCounts } from "./desk/count-outcomes.ts";
import { Desk } from "./desk/desk.ts";
import { Gate } from "./desk/gate.ts";
import { type HoardingTerms, hoardingTermsOf } from "./domain/hoarding-terms.ts";
import { KeyAuthenticator } from "./features/access/authenticate-key.ts";
import { BuyerTokens } from "./features/access/buyer-tokens.ts";
import { readStock } from "./features/events/read-stock.ts";
import { SharedSignUps } from "./features/customers/share-sign-ups.ts";
import { VerificationCodes } from "./features/customers/verification-codes.ts";
import { openVerificationTurns } from "./features/customers/verification-context.ts";
import { EventLocator } from "./features/reservations/locate-event.ts";
import { CartLooks } from "./features/submit-for-cart.ts";
import type { AdmissionLimits } from "./http/admission/admission-limits.ts";
import { Door } from "./http/admission/door.ts";
import { RateLimiter } from "./http/limit-rate.ts";
import { LocalQuotas } from "./http/quotas/local-quotas.ts";
import type { QuotaSource, RateLimits } from "./http/quotas/quota-source.ts";
import { jsonReply } from "./http/reply.ts";
import { presentOrder } from "./http/present-carts.ts";
import { presentNotice } from "./http/present-notices.ts";
import type { Services } from "./http/services.ts";
import { FirstLooks } from "./http/streams/first-looks.ts";
import type { SharedStock } from "./http/streams/shared-stock.ts";
import { StockHub } from "./http/streams/stock-hub.ts";
import { beginJobs } from "./jobs/begin-jobs.ts";
import { startGateRefresh } from "./jobs/refresh-gate.ts";
import type { RunningJobs } from "./jobs/start-jobs.ts";
import { startStockWatch } from "./jobs/watch-stock.ts";
import { DatabaseClock } from "./kernel/clock.ts";
import { makeReservationId } from "./kernel/ids.ts";
import type { Log } from "./kernel/log.ts";
import { MetricRecorder } from "./kernel/record-metrics.ts";
import type { WorkerGauges } from "./kernel/worker-report.ts";
import { openPaymentProviders } from "./providers/payment/open-payment-providers.ts";
import { openStripeWebhooks } from "./providers/payment/read-stripe-webhook.ts";
import { DemoPaymentBooks } from "./store/demo-payments.ts";
import { JobStatements, type JobStatementTexts } from "./store/job-queue.ts";
import { type Database, openWatchedDatabase, type WatchedDatabase } from "./store/open-database.ts";
import { selectNow } from "./store/select-now.ts";
import { ensureSigningSecret } from "./store/signing-secrets.ts";
import { failureKindOf } from "./store/sqlstate.ts";
import { shopDefaults, type ShopSettings } from "./worker-settings.ts";

/** Connections for everything but the desk. Few: waiting belongs in this process, not in the database. */
const poolMax = 4;

export interface WorkerOptions extends Partial<ShopSettings> {
  readonly connectionString: string;
  readonly demo: boolean;
  readonly log: Log;
  readonly rateLimits?: RateLimits;
  /** Counts requests by those limits; this process alone when absent. */
  readonly quotas?: QuotaSource;
  /** Brings the news of followed stock; this process looks for itself when absent. */
  readonly sharedStock?: SharedStock;
  /** The job queue's statements; learned from its library when absent. */
  readonly jobStatementTexts?: JobStatementTexts;
  /** Receives everything that is counted. */
  readonly recorder?: MetricRecorder;
  readonly trustedProxies?: readonly string[];
  /** What a worker takes on at once; its defaults when absent. */
  readonly admission?: Partial<AdmissionLimits>;
}

/** Generous to a household behind one address, and to a buyer who reloads in panic. */
const defaultRateLimits: RateLimits = { anonymousMax: 1_000, buyerMax: 200, signupMax: 10 };

/** The limits of a machine, by its settings. */
export function rateLimitsOf({ signupsPer10Minutes }: { readonly signupsPer10Minutes: number }): RateLimits {
  return { ...defaultRateLimits, signupMax: signupsPer10Minutes };
}

/** Everything behind the listener. */
export interface AssembledServices {
  readonly services: Services;
  /** What waits and what is in use at the moment. */
  readGauges(): WorkerGauges;
  /** Starts the background work, which one worker of each machine does. */
  beginJobs(): RunningJobs;
  /** Ends the background work, serves what waits at the desk, and closes every connection. */
  stop(): Promise<void>;
}

/** Builds everything behind the listener, without the background work. */
export async function assembleServices(options: WorkerOptions): Promise<AssembledServices> {
  const { connectionString, log, demo } = options;
  const warn = (message: string, error: unknown) => log.warn({ err: error }, message);
  const onLost = (error: Error) => warn("A database connection was lost.", error);
  const recorder = options.recorder ?? new MetricRecorder();
  const waitTime = recorder.histogram("db_client_connection_wait_time_seconds", {});
  const { database, readPool } = openWatchedDatabase({
    connectionString,
    connectionsMax: poolMax,
    onLost,
    onWaited: (waitedMs) => waitTime.observe(waitedMs / 1000),
  });
  const shop: ShopSettings = { ...shopDefaults, ...options };
  const { clock, secret, codes, jobStatements, payments, readStripeWebhook } = await readEssentials(
    database,
    { ...shop, ...options },
  );
  const gate = new Gate();
  const stockHub = new StockHub({
    nowMs: () => clock.nowMs(),
    onFollowedChange: () => options.sharedStock?.announceSoon(),
  });
  const events = new EventLocator(database);
  const learners = { clock, events, gate, stockHub };
  const hoarding = hoardingTermsOf(shop);
  const desk = openDesk({ connectionString, recorder, jobStatements, hoarding, warn, learners });
  const limits = options.rateLimits ?? defaultRateLimits;
  const verification = verificationTermsOf(shop, codes);
  const door = openDoor({ ...options, recorder }, desk, readPool);
  const services: Services = {
    database,
    desk,
    gate,
    outcomes: new OutcomeCounts(recorder),
    clock,
    events,
    keys: new KeyAuthenticator(database),
    buyerTokens: new BuyerTokens(secret, clock),
    cartLooks: new CartLooks(database),
    payments,
    jobStatements,
    readStripeWebhook,
    paymentGraceMs: shop.paymentGraceSeconds * 1000,
    allowPrivateAddresses: shop.allowPrivateAddresses,
    verification,
    sharedSignUps: new SharedSignUps({ database, verification, jobStatements }),
    publicSignup: shop.publicSignup,
    log,
    demo,
    recorder,
    rateLimiter: new RateLimiter(limits, options.quotas ?? new LocalQuotas(limits)),
    door,
    stockHub,
    firstLooks: new FirstLooks((eventIds) => readStock({ database }, eventIds)),
    trustedProxies: options.trustedProxies ?? [],
    isUnavailable,
  };
  const refresh = startGateRefresh(services, (error) =>
    warn("The gate could not be refreshed; trying again.", error),
  );
  const stockNews = bringStockNews(stockHub, database, options.sharedStock, warn);
  let jobs: RunningJobs | null = null;
  const stop = async () => {
    stockHub.stop();
    door.stop();
    // Jobs in progress still need the desk.
    const jobsStopped = await Promise.allSettled([jobs?.stop()]);
    const otherStopped = await Promise.allSettled([refresh.stop(), stockNews.stop(), desk.stop()]);
    const stopped = [...jobsStopped, ...otherStopped];
    for (const result of stopped)
      if (result.status === "rejected") warn("A part did not stop cleanly.", result.reason);
    await database.destroy();
  };
  const readGauges = () => readGaugesOf(services, readPool);
  return {
    services,
    readGauges,
    beginJobs: () => {
      const loadContext = async () => {
        const { listWaysOut } = await import("./ways-out.ts");
        const ways = listWaysOut(shop, { database, nowMs: () => clock.nowMs() });
        return { ...services, connectionString, ...ways };
      };
      jobs = beginJobs({ database, desk, connectionString }, loadContext, warn);
      return jobs;
    },
    stop,
  };
}

function verificationTermsOf(shop: ShopSettings, codes: VerificationCodes): Services["verification"] {
  return {
    codes,
    validSeconds: shop.verificationSeconds,
    attemptsMax: shop.verificationAttempts,
    turns: openVerificationTurns(),
  };
}

/** Sets up the door, which goes by what waits at the desk and for the pool. */
function openDoor(
  { recorder, log, admission }: WorkerOptions & { readonly recorder: MetricRecorder },
  desk: Desk,
  readPool: WatchedDatabase["readPool"],
): Door {
  return new Door({
    recorder,
    log,
    deskWaitMs: () => desk.waitMs,
    poolWaiting: () => readPool().waiting,
    limits: admission ?? {},
  });
}

/** Whether to try again later makes sense. A table that somebody else has locked passes by itself, too. */
function isUnavailable(error: unknown): boolean {
  const kind = failureKindOf(error);
  return kind === "unavailable" || kind === "lock_timeout";
}

/** Opens the desk, and lets everything that knows of stock learn from its transactions. */
function openDesk({
  connectionString,
  recorder,
  jobStatements,
  hoarding,
  warn,
  learners: { clock, events, gate, stockHub },
}: {
  readonly connectionString: string;
  readonly recorder: MetricRecorder;
  readonly jobStatements: JobStatements;
  readonly hoarding: HoardingTerms | null;
  readonly warn: (message: string, error: unknown) => void;
  readonly learners: Pick<Services, "clock" | "events" | "gate" | "stockHub">;
}): Desk {
  return new Desk({
    connectionString,
    makeId: makeReservationId,
    jobStatements,
    hoarding,
    renderOrder: (order) => jsonReply(201, presentOrder(order)),
    renderNotice: presentNotice,
    recorder,
    onTrouble: warn,
    onReport: (report) => {
      clock.observe(report.nowMs);
      for (const { event, nextExpiryAtMs } of report.events) {
        events.learn(event.number, event.id);
        gate.observe(event, nextExpiryAtMs, report.nowMs);
        stockHub.observe(event, nextExpiryAtMs, report.nowMs);
      }
      for (const reservation of report.reservations) gate.learn(reservation);
    },
  });
}

/** What has to be there before anything is served. @throws when the database cannot be reached */
async function readEssentials(
  database: Database,
  shop: ShopSettings & Pick<WorkerOptions, "demo" | "jobStatementTexts">,
) {
  try {
    const clock = new DatabaseClock(await selectNow(database));
    const secret = await ensureSigningSecret(database, "buyer tokens");
    const codes = new VerificationCodes(await ensureSigningSecret(database, "verification codes"));
    const jobStatements =
      shop.jobStatementTexts === undefined
        ? await JobStatements.prepare(database)
        : JobStatements.fromTexts(shop.jobStatementTexts);
    const demoBooks = new DemoPaymentBooks(database);
    const payments = await openPaymentProviders({ ...shop, demoBooks });
    const { stripeWebhookSecret } = shop;
    const readStripeWebhook =
      stripeWebhookSecret === null ? null : await openStripeWebhooks(stripeWebhookSecret);
    return { clock, secret, codes, jobStatements, payments, readStripeWebhook };
  } catch (error) {
    await database.destroy();
    throw error;
  }
}

/** Sees to it that the hub hears of what happens elsewhere: by the supervisor, or without one by looking itself. */
function bringStockNews(
  hub: StockHub,
  database: Database,
  sharedStock: SharedStock | undefined,
  warn: (message: string, error: unknown) => void,
): { stop(): Promise<void> } {
  if (sharedStock !== undefined) {
    sharedStock.connect(hub);
    return { stop: async () => sharedStock.stop() };
  }
  const onLooks: Parameters<typeof startStockWatch>[0]["onLooks"] = (looks) => {
    for (const { event, nextExpiryAtMs, nowMs } of looks) hub.observe(event, nextExpiryAtMs, nowMs);
  };
  return startStockWatch({ database, eventsToWatch: () => hub.followedEvents(), onLooks }, (error) =>
    warn("Followed stock could not be read; trying again.", error),
  );
}

function readGaugesOf(
  { desk, stockHub }: Pick<Services, "desk" | "stockHub">,
  readPool: WatchedDatabase["readPool"],
): WorkerGauges {
  const { connections, connectionsMax, waiting } = readPool();
  return {
    queue_depth: desk.depth,
    pool_connections: connections,
    pool_max: connectionsMax,
    pool_waiting: waiting,
    open_streams: stockHub.size,
  };
}
