import type { CallEntry, FaultEntry, HistoryEntry } from "../history/history-entry.ts";
import { readHistory } from "../history/read-history.ts";
import { readJson, textOf } from "./read-json.ts";
import type { Breach } from "./verdict.ts";

/** How much is told of the history around a breach. */
export interface TellingOptions {
  readonly breachesMax?: number;
  /** Before the first and after the last entry that a breach names. */
  readonly aroundMs?: number;
  readonly linesMax?: number;
}

const defaults: Required<TellingOptions> = { breachesMax: 5, aroundMs: 3_000, linesMax: 40 };

interface Scene {
  readonly breach: Breach;
  fromMs: number;
  toMs: number;
  /** The keys and calls of the entries that the breach names: all of them are told, whenever they were. */
  readonly calls: Set<number>;
  readonly lines: string[];
  left: number;
}

/**
 * Tells breaches one by one, each with the part of the history that it is about: what was asked for the same event by
 * the same user, the calls that it names, samples of the event, and what was done to the system at the time.
 *
 * @returns lines for people; two readings of the history, and only the lines are kept
 */
export async function tellBreaches(
  historyPath: string,
  breaches: readonly Breach[],
  options: TellingOptions = {},
): Promise<string[]> {
  const { breachesMax, aroundMs, linesMax } = { ...defaults, ...options };
  const scenes = breaches.slice(0, breachesMax).map((breach): Scene => ({
    breach,
    fromMs: Infinity,
    toMs: -Infinity,
    calls: new Set(),
    lines: [],
    left: 0,
  }));
  if (scenes.length === 0) return [];
  for await (const entry of readHistory(historyPath)) for (const scene of scenes) findPlace(scene, entry);
  for await (const entry of readHistory(historyPath))
    for (const scene of scenes) if (isPartOf(scene, entry, aroundMs)) addLines(scene, entry, linesMax);
  return scenes.flatMap((scene, index) => [
    `${index + 1}. ${scene.breach.invariant}: ${scene.breach.message}`,
    ...scene.lines,
    ...(scene.left > 0 ? [`   ... and ${scene.left} more`] : []),
    "",
  ]);
}

function findPlace(scene: Scene, entry: HistoryEntry): void {
  const { breach } = scene;
  if (breach.seqs.length === 0) {
    // A row that nobody was told of: everything that its user did for its event.
    if (isCall(entry) && breach.user !== null && isAbout(breach, entry)) widen(scene, entry.t_mono);
    return;
  }
  if (!breach.seqs.includes(entry.seq)) return;
  widen(scene, entry.t_mono);
  if (isCall(entry)) scene.calls.add(entry.call);
}

function widen(scene: Scene, atMs: number): void {
  scene.fromMs = Math.min(scene.fromMs, atMs);
  scene.toMs = Math.max(scene.toMs, atMs);
}

function isPartOf({ breach, fromMs, toMs, calls }: Scene, entry: HistoryEntry, aroundMs: number): boolean {
  if (isCall(entry) && calls.has(entry.call)) return true;
  if (entry.t_mono < fromMs - aroundMs || entry.t_mono > toMs + aroundMs) return false;
  if (entry.type === "fault") return true;
  if (isCall(entry)) return breach.user !== null && isAbout(breach, entry);
  return entry.stock.some(({ event }) => event === breach.event);
}

function isAbout({ event, user }: Breach, entry: CallEntry): boolean {
  return entry.user === user && (event === null || entry.event === null || entry.event === event);
}

function isCall(entry: HistoryEntry): entry is CallEntry {
  return entry.type !== "fault" && entry.type !== "sample";
}

function addLines(scene: Scene, entry: HistoryEntry, linesMax: number): void {
  if (scene.lines.length >= linesMax) {
    scene.left += 1;
    return;
  }
  const isNamed = scene.breach.seqs.includes(entry.seq);
  scene.lines.push(`${isNamed ? " > " : "   "}${tellEntry(entry, scene.breach.event)}`);
}

function tellEntry(entry: HistoryEntry, event: string | null): string {
  const place = `${(entry.t_mono / 1000).toFixed(3).padStart(9)} s  ${String(entry.seq).padStart(7)}  `;
  if (entry.type === "fault") return place + tellFault(entry);
  if (isCall(entry)) return place + tellCall(entry);
  const stock = entry.stock.find((each) => each.event === event);
  if (stock === undefined) return `${place}sample`;
  const { capacity, available, held, sold } = stock;
  return `${place}sample   ${available} free + ${held} held + ${sold} sold of ${capacity}`;
}

function tellFault({ kind, phase, detail, in_flight }: FaultEntry): string {
  return `FAULT    ${kind} ${phase}, ${in_flight} in flight: ${detail}`;
}

function tellCall({ type, f, call, attempt, user, key, subject, status, body }: CallEntry): string {
  const code = textOf(readJson(body), "code") ?? textOf(readJson(body), "status");
  const words = [
    type.padEnd(8),
    f.padEnd(12),
    `call ${call}.${attempt}`.padEnd(14),
    (user ?? "-").padEnd(20),
    ...(subject === null ? [] : [subject]),
    ...(key === null ? [] : [`key ${key}`]),
    ...(status === null ? [] : [String(status)]),
    ...(code === null ? [] : [code]),
  ];
  return words.join(" ");
}
