import pg from "pg";
import { type NamedStatement, nameStatement } from "./name-statement.ts";
import type { PassedPoints, Place, Point } from "./passed-points.ts";

/** The part of the driver's socket that matters here. */
interface Stream {
  readonly writableCorked: number;
  readonly writableLength: number;
  cork(): void;
  uncork(): void;
}

interface Connection {
  readonly stream: Stream;
  [linkKey]?: Link;
}

interface Client {
  readonly connection: Connection;
  readonly processID: number | null;
  readonly connectionParameters: { readonly application_name?: string };
}

interface Query {
  readonly name?: string;
  readonly text?: string;
  [pointsKey]?: StatementPoints;
}

/** The methods of the driver by which a statement goes out and by which its result comes in. */
interface Driver {
  readonly client: { connect(this: Client, ...parameters: unknown[]): unknown };
  readonly query: {
    submit(this: Query, connection: Connection): Error | null;
    handleReadyForQuery(this: Query, connection: Connection): void;
  };
}

interface StatementPoints extends NamedStatement {
  readonly before: Point;
  readonly after: Point;
}

/** What is known of one connection. */
interface Link {
  readonly placeOf: () => Place;
  /** The desk's transactions are all of one kind; any other is named by what it writes first. */
  readonly isDesk: boolean;
  firstWrite: string | null;
}

const linkKey = Symbol("link");
const pointsKey = Symbol("points");
/** Texts that are made anew each time must not be remembered for ever. */
const textsMax = 5_000;
/** Every keyed request writes there first, whatever it is about. */
const sharedTable = "idempotency_records";

/** Knows which connection was the last to commit: a reply speaks of what was done there. */
export interface StatementWatch {
  readonly lastCommitted: () => Place;
}

/** Has a point passed before each statement is sent by the driver of PostgreSQL, and after its result has arrived. */
export function watchStatements(points: PassedPoints): StatementWatch {
  const driver = { client: pg.Client.prototype, query: pg.Query.prototype } as unknown as Driver;
  const known = new KnownStatements(points);
  let committed: Link | null = null;

  const { connect } = driver.client;
  driver.client.connect = function (...parameters) {
    this.connection[linkKey] = makeLink(this);
    return connect.apply(this, parameters);
  };

  const { submit, handleReadyForQuery } = driver.query;
  driver.query.submit = function (connection) {
    const link = connection[linkKey];
    if (link === undefined) return submit.call(this, connection);
    const passed = known.find(this, link);
    this[pointsKey] = passed;
    points.pass(passed.before, link.placeOf);
    return submit.call(this, connection);
  };
  driver.query.handleReadyForQuery = function (connection) {
    const [link, passed] = [connection[linkKey], this[pointsKey]];
    if (link !== undefined && passed !== undefined) {
      if (passed.kind === "commit") committed = link;
      points.pass(passed.after, link.placeOf);
    }
    return handleReadyForQuery.call(this, connection);
  };
  return { lastCommitted: () => committed?.placeOf() ?? { backendPid: null, flush: () => true } };
}

function makeLink(client: Client): Link {
  const placeOf = () => ({
    backendPid: client.processID,
    flush: () => flush(client.connection.stream),
  });
  const isDesk = client.connectionParameters.application_name?.startsWith("holdfast desk") === true;
  return { placeOf, isDesk, firstWrite: null };
}

/** What was gathered for one packet goes out now, so that the server has what comes before the point, and no more. */
function flush(stream: Stream): boolean {
  const corked = stream.writableCorked;
  for (let count = 0; count < corked; count += 1) stream.uncork();
  const isSent = stream.writableLength === 0;
  // Whoever corked it will uncork it.
  for (let count = 0; count < corked; count += 1) stream.cork();
  return isSent;
}

/** The points of each statement, found by one look into a map. */
class KnownStatements {
  readonly #points: PassedPoints;
  readonly #byText = new Map<string, StatementPoints>();
  readonly #commits = new Map<string, StatementPoints>();

  constructor(points: PassedPoints) {
    this.#points = points;
  }

  /** The points of a statement that is about to go out, and takes note of what it means for its transaction. */
  find(query: Query, link: Link): StatementPoints {
    const text = query.name ?? query.text ?? "";
    let found = this.#byText.get(text);
    if (found === undefined) {
      found = this.#with(nameStatement(query.name, query.text ?? ""));
      if (this.#byText.size < textsMax) this.#byText.set(text, found);
    }
    return link.isDesk ? found : this.#inTransaction(found, link);
  }

  #inTransaction(found: StatementPoints, link: Link): StatementPoints {
    switch (found.kind) {
      case "begin":
        link.firstWrite = null;
        return found;
      case "write":
        if (link.firstWrite === null || link.firstWrite.endsWith(sharedTable)) link.firstWrite = found.name;
        return found;
      case "commit":
        return link.firstWrite === null ? found : this.#commitOf(link.firstWrite);
      case "rollback":
      case "other":
        return found;
    }
  }

  #commitOf(firstWrite: string): StatementPoints {
    const known = this.#commits.get(firstWrite);
    if (known !== undefined) return known;
    const made = this.#with({ name: `commit of ${firstWrite}`, kind: "commit" });
    this.#commits.set(firstWrite, made);
    return made;
  }

  #with(statement: NamedStatement): StatementPoints {
    return {
      ...statement,
      before: this.#points.named(`before ${statement.name}`),
      after: this.#points.named(`after ${statement.name}`),
    };
  }
}
