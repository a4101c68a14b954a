import { startSystem } from "../system/start-system.ts";
import { startWorkload } from "../workload/start-workload.ts";
import { judgeStage, makeLiveCheck } from "./judge-stage.ts";
import type { RunParts } from "./run-parts.ts";

/** What a real run is made of. */
export const realParts: RunParts = { startSystem, startWorkload, judge: judgeStage, makeLiveCheck };
