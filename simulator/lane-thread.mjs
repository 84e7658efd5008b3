// A lane in a thread of its own: one process, as many cores as there are. A thread does not inherit tsx from its process.
import { parentPort, workerData } from "node:worker_threads";
import { register } from "tsx/esm/api";

register();
const { runLane } = await import("./run-lane.ts");
parentPort.postMessage(await runLane(workerData.databaseUrl, workerData.seed, workerData.orders));
