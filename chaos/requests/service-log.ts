/** The level of a line of the log from which on it tells of a defect. */
const errorLevel = 50;
const defectsKept = 20;
const tailKept = 2_000;

/** What a service logs while it is attacked. Bad requests are no reason for it to complain. */
export class ServiceLog {
  readonly #defects: string[] = [];
  readonly #warnings = new Map<string, number>();
  #defectCount = 0;
  #rest = "";
  #tail = "";
  #isCounting = false;

  /** Takes what came from stderr. */
  take(text: string): void {
    this.#tail = (this.#tail + text).slice(-tailKept);
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    if (this.#isCounting) for (const line of lines) if (line.trim() !== "") this.#read(line);
  }

  /** From now on whatever is told counts. What a service says of its start is no complaint. */
  startCounting(): void {
    this.#isCounting = true;
  }

  /** Errors, and whatever is no line of a log, such as the last words of a process. */
  get defects(): readonly string[] {
    return this.#defects;
  }

  get defectCount(): number {
    return this.#defectCount;
  }

  /** How often each warning came. */
  get warnings(): ReadonlyMap<string, number> {
    return this.#warnings;
  }

  /** The end of all that was told. */
  tail(): string {
    return this.#tail.trim();
  }

  #read(line: string): void {
    const entry = parseEntry(line);
    if (entry !== null && entry.level < errorLevel) {
      this.#warnings.set(entry.message, (this.#warnings.get(entry.message) ?? 0) + 1);
      return;
    }
    this.#defectCount += 1;
    if (this.#defects.length < defectsKept) this.#defects.push(line.slice(0, 2_000));
  }
}

function parseEntry(line: string): { level: number; message: string } | null {
  try {
    const entry: unknown = JSON.parse(line);
    if (typeof entry !== "object" || entry === null || !("level" in entry)) return null;
    const level = typeof entry.level === "number" ? entry.level : levelOf(String(entry.level));
    return { level, message: "msg" in entry ? String(entry.msg) : "" };
  } catch {
    return null;
  }
}

function levelOf(name: string): number {
  return { trace: 10, debug: 20, info: 30, warn: 40 }[name] ?? errorLevel;
}
