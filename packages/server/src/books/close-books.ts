/**
 * Owns closing a month for all workspaces. Each is closed for itself, in its own zone; a run that was stopped is simply run
 * again, since a month that is closed stays as it is.
 */
import { type Calendar, isMonth, monthAfter, monthToClose } from "@cistern/kernel";
import { type Engine, EngineFault } from "../engine/index.ts";

/** What to close. */
export interface CloseOptions {
  readonly engine: Pick<Engine, "execute" | "read">;
  readonly calendar: Calendar;
  readonly workspaces: () => AsyncIterable<string>;
  /** `YYYY-MM`. Earlier months that are still open are closed first. */
  readonly month: string;
  readonly onProgress?: (done: BooksClosed) => void;
}

/** How many workspaces are what now; refusals with their reasons. */
export interface BooksClosed {
  readonly closed: number;
  readonly closedBefore: number;
  /** Workspaces that begin after the month. */
  readonly notBegun: number;
  readonly refused: readonly { readonly workspaceId: string; readonly reason: string }[];
}

/** Workspaces that are closed at once: as many as shall wait for the disk together. */
const togetherMax = 32;

/** Closes the month everywhere. Rejects with an `EngineFault` that will not pass by itself; what was closed by then stays closed. */
export async function closeBooks(options: CloseOptions): Promise<BooksClosed> {
  if (!isMonth(options.month)) throw new RangeError(`${options.month} is no month.`);
  const sums = { closed: 0, closedBefore: 0, notBegun: 0 };
  const refused: BooksClosed["refused"][number][] = [];
  const again: string[] = [];
  const close = async (workspaceId: string, isLast: boolean): Promise<void> => {
    try {
      const done = await closeOne(options, workspaceId);
      if (done.kind === "refused") refused.push({ workspaceId, reason: done.reason });
      else sums[done.kind] += 1;
    } catch (fault) {
      if (!(fault instanceof EngineFault) || !fault.isRetryable) throw fault;
      if (isLast) refused.push({ workspaceId, reason: fault.message });
      else again.push(workspaceId);
    }
  };
  let together: Promise<void>[] = [];
  const settle = async (): Promise<void> => {
    await Promise.all(together);
    together = [];
    options.onProgress?.({ ...sums, refused });
  };
  for await (const workspaceId of options.workspaces()) {
    together.push(close(workspaceId, false));
    if (together.length === togetherMax) await settle();
  }
  await settle();
  // What was shed comes once more at the end, one after the other.
  for (const workspaceId of again) await close(workspaceId, true);
  return { ...sums, refused };
}

type Done =
  | { readonly kind: "closed" | "closedBefore" | "notBegun" }
  | { readonly kind: "refused"; readonly reason: string };

async function closeOne(
  { engine, calendar, month }: CloseOptions,
  workspaceId: string,
): Promise<Done> {
  const asked = await engine.read(workspaceId, (state) => ({
    next: monthToClose(state, calendar),
    isFirst: state.closing.latest.row === undefined,
  }));
  if (asked.kind !== "read") return { kind: "notBegun" };
  const { next, isFirst } = asked.value;
  if (next > month) return { kind: isFirst ? "notBegun" : "closedBefore" };
  for (let one = next; one <= month; one = monthAfter(one)) {
    const answer = await engine.execute({
      workspaceId,
      command: { kind: "closeMonth", month: one },
      opId: null,
      fingerprint: null,
    });
    if (answer.kind !== "accepted") return { kind: "refused", reason: reasonOf(answer) };
  }
  return { kind: "closed" };
}

function reasonOf(answer: Exclude<Awaited<ReturnType<Engine["execute"]>>, { kind: "accepted" }>) {
  if (answer.kind !== "rejected") return answer.kind;
  const { rejection } = answer;
  return rejection.code === "invalid_request" ? rejection.reason : rejection.code;
}
