import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { PassedPoints } from "./passed-points.ts";
import {
  type ArmedStrike,
  type ControllerMessage,
  controllerMessage,
  LineCutter,
  type ProcessMessage,
  processState,
  type ProcessState,
  socketName,
  stateName,
} from "./point-messages.ts";
import { type ShiftedClock, shiftClock } from "./shift-clock.ts";
import { strikeHere } from "./strike-here.ts";
import { watchReplies } from "./watch-replies.ts";
import { watchStatements } from "./watch-statements.ts";

/** How much of the counts the end of this process may cost. */
const tellEveryMs = 250;

/**
 * Puts points into this process, and does what the controller says. Whatever goes wrong with the controller, the service
 * goes on as if it were not there; nothing of this keeps a process from ending.
 */
export function obeyController(folder: string, role: "supervisor" | "worker"): void {
  const state = readState(folder);
  if (state.crash_at_start && role === "worker") process.exit(1);
  const clock = shiftClock();
  clock.set(state.clock_offset_ms);
  const points = new PassedPoints(role === "supervisor" ? "supervisor: " : "");
  const { lastCommitted } = watchStatements(points);
  watchReplies(points, lastCommitted);
  follow(folder, points, clock);
}

function readState(folder: string): ProcessState {
  try {
    return processState.parse(JSON.parse(readFileSync(join(folder, stateName), "utf8")));
  } catch {
    return { clock_offset_ms: 0, crash_at_start: false };
  }
}

function follow(folder: string, points: PassedPoints, clock: ShiftedClock): void {
  const socket = connect(join(folder, socketName));
  socket.unref();
  socket.on("error", () => {});
  const tell = (message: ProcessMessage) => send(socket, message);
  const tellPassed = () => {
    if (!socket.writable) return;
    const passed = points.take();
    if (Object.keys(passed).length > 0) tell({ kind: "passed", points: passed });
  };
  setInterval(tellPassed, tellEveryMs).unref();
  const cutter = new LineCutter();
  socket.setEncoding("utf8");
  socket.on("data", (text: string) => {
    for (const line of cutter.push(text)) {
      const message = readMessage(line);
      switch (message?.kind) {
        case "arm":
          arm(points, message.strike, { folder, tell });
          break;
        case "disarm":
          points.watch(null);
          break;
        case "count":
          tellPassed();
          tell({ kind: "counted", ask: message.ask });
          break;
        case "clock":
          clock.set(message.offset_ms);
          break;
      }
    }
  });
}

function readMessage(line: string): ControllerMessage | undefined {
  try {
    return controllerMessage.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}

function arm(points: PassedPoints, strike: ArmedStrike, process: Parameters<typeof strikeHere>[3]): void {
  const passages = new Map(strike.orders.map((order) => [order.point, { order, left: order.passage }]));
  points.watch((point, placeOf) => {
    const armed = passages.get(point.name);
    if (armed === undefined) return;
    armed.left -= 1;
    if (armed.left > 0) return;
    const place = placeOf();
    // Where the network takes nothing more, the point is not what its name says; the next passage will do.
    if (!place.flush()) return;
    points.watch(null);
    try {
      strikeHere(strike.id, armed.order, place, process);
    } catch {
      // The controller will miss it. The service must not.
    }
  });
}

function send(socket: Socket, message: ProcessMessage): void {
  if (socket.writable) socket.write(`${JSON.stringify(message)}\n`);
}
