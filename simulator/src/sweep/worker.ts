/** A worker's whole life: it does one task after the other. */
import { parentPort } from "node:worker_threads";
import { doTask } from "./do-task.ts";
import type { Task } from "./task.ts";

parentPort?.on("message", (task: Task) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
  void doTask(task).then((outcome) => parentPort?.postMessage(outcome));
});
