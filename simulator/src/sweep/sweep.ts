import { Worker } from "node:worker_threads";
import type { Outcome, Task } from "./task.ts";

/** Does all tasks on so many threads; `tell` hears of each outcome as it comes. */
export async function sweep(
  tasks: readonly Task[],
  threads: number,
  tell: (outcome: Outcome) => void,
): Promise<void> {
  const left = tasks.toReversed();
  const work = async (): Promise<void> => {
    const worker = new Worker(new URL("worker.ts", import.meta.url));
    for (let task = left.pop(); task !== undefined; task = left.pop())
      tell(await outcomeOf(worker, task));
    await worker.terminate();
  };
  await Promise.all(Array.from({ length: Math.min(threads, tasks.length) }, work));
}

function outcomeOf(worker: Worker, task: Task): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const over = (): void => {
      worker.off("message", done);
      worker.off("error", failed);
    };
    const done = (outcome: Outcome): void => {
      over();
      resolve(outcome);
    };
    const failed = (error: Error): void => {
      over();
      reject(new Error(`The simulator itself broke at ${JSON.stringify(task)}.`, { cause: error }));
    };
    worker.on("message", done);
    worker.on("error", failed);
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
    worker.postMessage(task);
  });
}
