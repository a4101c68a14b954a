// The test build of the service is its production code with this file loaded before it. Nothing of the service knows.

import cluster from "node:cluster";
import { isMainThread } from "node:worker_threads";
import { obeyController } from "./obey-controller.ts";
import { folderVariable } from "./point-messages.ts";

const folder = process.env[folderVariable];
if (folder !== undefined && isMainThread) obeyController(folder, cluster.isWorker ? "worker" : "supervisor");
