import { pino } from "pino";

export type Log = import("pino").Logger;

/** Writes one JSON line an entry to stderr, or lines for people when that is a terminal. */
export function createLog(level: string): Log {
  const forPeople = process.stderr.isTTY === true;
  const transport = { target: "pino-pretty", options: { destination: 2, ignore: "pid,hostname" } };
  const settings = {
    level,
    base: null,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  return forPeople ? pino({ level, base: null, transport }) : pino(settings, pino.destination(2));
}
