import type { Mutant } from "./mutant.ts";

/** Mistakes about what is on disk when somebody is answered, and about who asks twice. */
export const mutantsOfAnswers: readonly Mutant[] = [
  {
    name: "two-transactions",
    mistake: "each write of a batch is committed by itself",
    edits: [
      {
        file: "api/store/desk-connection.ts",
        find: `    this.#socket.cork();
    const written = statements.map((statement) => this.run(statement));
    const committed`,
        replace: `    for (const statement of statements.slice(0, -1)) {
      await this.run(statement);
      await this.#client.query("commit");
      await this.#client.query("begin");
    }
    this.#socket.cork();
    const written = statements.slice(-1).map((statement) => this.run(statement));
    const committed`,
      },
    ],
    scenario: "worker-kills",
    seconds: 14,
    breaks: ["conserved", "oversold", "one_effect", "refusal_without_effect"],
  },
  {
    name: "answer-before-commit",
    mistake: "buyers are answered while the commit is still under way",
    edits: [
      {
        file: "api/desk/lane.ts",
        find: "      else await connection.commit(decision.statements, state.transactionId);",
        replace: "      else connection.commit(decision.statements, state.transactionId).catch(() => {});",
      },
    ],
    scenario: "postmaster-kills",
    seconds: 25,
    breaks: ["lost", "one_effect"],
  },
  {
    name: "synchronous-commit-off",
    mistake: "a commit is answered before it is on disk",
    edits: [
      {
        file: "api/store/desk-connection.ts",
        find: "`set plan_cache_mode = force_generic_plan;",
        replace: "`set synchronous_commit = off; set plan_cache_mode = force_generic_plan;",
      },
    ],
    scenario: "postmaster-kills",
    seconds: 25,
    breaks: ["lost", "one_effect"],
  },
  {
    name: "aborted-taken-for-committed",
    mistake: "a commit that nobody answered is believed to have taken place",
    edits: [
      {
        file: "api/desk/lane.ts",
        find: `if (status === "committed" && report !== null)`,
        replace: `if (status !== "unknown" && report !== null)`,
      },
    ],
    scenario: "postmaster-kills",
    seconds: 25,
    breaks: ["lost", "one_effect"],
  },
  {
    name: "no-idempotency-record",
    mistake: "no reply is kept under its key",
    edits: [
      {
        file: "api/desk/decide-batch.ts",
        find: "  records.push({ eventId: place, keyDigest, requestDigest, reply });\n",
        replace: "",
      },
    ],
    scenario: "worker-kills",
    seconds: 14,
    breaks: ["one_effect", "refusal_without_effect"],
  },
  {
    name: "record-after-commit",
    mistake: "the reply is kept under its key in a transaction of its own, a moment after the effect's",
    edits: [
      {
        file: "api/store/desk-connection.ts",
        find: `    const written = statements.map((statement) => this.run(statement));`,
        replace: `    const records = statements.filter(({ name }) => name === "insert-idempotency-records");
    const written = statements.filter((statement) => !records.includes(statement)).map((each) => this.run(each));`,
      },
      {
        file: "api/store/desk-connection.ts",
        find: `    if (this.#warnedInCommit) throw`,
        replace: `    await new Promise((settle) => setTimeout(settle, 20));
    for (const record of records) await this.run(record);
    if (this.#warnedInCommit) throw`,
      },
    ],
    scenario: "worker-kills",
    seconds: 25,
    breaks: ["one_effect", "refusal_without_effect"],
  },
  {
    name: "gate-grants",
    mistake: "memory says yes, and the desk hears of it afterwards",
    edits: [
      {
        file: "api/features/reservations/hold-tickets.ts",
        find: "  if (refusal === null) return desk.submit(command, claim);",
        replace: `  if (refusal === null) {
    const decided = desk.submit(command, claim);
    const soon = new Promise<null>((resolve) => setTimeout(resolve, 2, null));
    const outcome = await Promise.race([decided, soon]);
    if (outcome !== null) return outcome;
    decided.catch(() => {});
    const nowMs = Date.now();
    const { eventId, userId, quantity } = command;
    return {
      kind: "held",
      reservation: {
        id: crypto.randomUUID(),
        eventId,
        userId,
        quantity,
        status: "held",
        expiresAtMs: nowMs + 10_000,
        createdAtMs: nowMs,
        confirmedAtMs: null,
        releasedAtMs: null,
        cause: null,
        cartId: null,
        verifiedPhone: null,
        extendedAtMs: [],
      },
    };
  }`,
      },
    ],
    scenario: "lock-race",
    seconds: 10,
    breaks: ["lost", "one_effect"],
  },
];
