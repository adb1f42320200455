/**
 * Owns the requests of one workspace, from the queue to their batch.
 *
 * N1 one append in flight; what arrives meanwhile is the next batch. N4 what is shed was not decided. N5 a broken chain or a
 * broken rule of ours stops this workspace alone. (N2 and N3 are with the proof of a batch.)
 */
import type { Head } from "../journal/index.ts";
import { Batch } from "./batch.ts";
import { EngineFault } from "./engine-fault.ts";
import { deliver } from "./deliver.ts";
import type { CommandEntry, Entry } from "./entry.ts";
import { loadReplica } from "./follow-journal.ts";
import type { LaneAround } from "./lane-around.ts";
import { proveBatch, undoBatch } from "./prove-batch.ts";
import { RecalledHolds } from "./recalled-holds.ts";
import { RememberedKeys } from "./remembered-keys.ts";
import type { Replica } from "./replica.ts";

const never = Number.POSITIVE_INFINITY;

/** See the file head. */
export class Lane {
  readonly workspaceId: string;
  readonly #around: LaneAround;
  readonly #recalled = new RecalledHolds();
  #queue: Entry[] = [];
  #keys: RememberedKeys;
  #replica: Replica | undefined;
  #stopped: EngineFault | undefined;
  #isRunning = false;
  #isReady = false;
  #isSaving = false;
  /** More was due than one append carries. */
  #isBehind = false;
  /** The next instant at which something happens by itself. */
  dueAt: number = never;
  /** Whether it was used since the cache last looked. */
  wasUsed = true;
  /** Rows and keys in memory, as the cache counts them. */
  weight = 0;

  constructor(workspaceId: string, around: LaneAround) {
    this.workspaceId = workspaceId;
    this.#around = around;
    this.#keys = new RememberedKeys(around.limits.keysRememberedMax);
  }

  get queued(): number {
    return this.#queue.length;
  }

  get isStopped(): boolean {
    return this.#stopped !== undefined;
  }

  /** Whether nothing is queued or under way, so that it may leave memory. */
  get isIdle(): boolean {
    return !this.#isRunning && !this.#isReady && !this.#isSaving && this.#recalled.reading === 0;
  }

  enqueue(entry: Entry): void {
    this.wasUsed = true;
    const { limits, counters } = this.#around;
    if (this.#queue.length >= limits.queuedMax) {
      counters.requestsShed += 1;
      return entry.fail(this.#overloaded(`${limits.queuedMax} requests are waiting for it`));
    }
    this.#queue.push(entry);
    this.#schedule();
  }

  /** Lets what is due happen, though nobody asks. */
  wake(): void {
    this.#schedule();
  }

  /** Sheds what has waited too long (N4). */
  shedLate(now: number): void {
    if (this.#queue.every((entry) => entry.shedAt >= now)) return;
    const late = this.#queue.filter((entry) => entry.shedAt < now);
    this.#queue = this.#queue.filter((entry) => entry.shedAt >= now);
    this.#around.counters.requestsShed += late.length;
    this.#fail(late, this.#overloaded("the request has waited for too long"));
  }

  /** One batch. Called by the scheduler alone; never rejects. */
  async run(): Promise<void> {
    this.#isReady = false;
    this.#isRunning = true;
    try {
      await this.#work();
    } catch (error) {
      this.#halt(error);
    }
    this.#isRunning = false;
    if (this.#queue.length > 0 || this.#isBehind) this.#schedule();
    this.#around.ran(this);
  }

  /** Writes a snapshot when at least so many events are in none yet. Only where nothing is applied that is not durable. */
  async save(eventsMin: number): Promise<void> {
    const replica = this.#replica;
    if (replica === undefined || this.#isSaving || replica.eventsUnsaved < eventsMin) return;
    this.#isSaving = true;
    await this.#around.snapshot(replica);
    this.#isSaving = false;
    this.#around.ran(this);
  }

  #schedule(): void {
    if (this.#isRunning || this.#isReady) return;
    this.#isReady = true;
    this.#around.ready(this);
  }

  async #work(): Promise<void> {
    const { clock, rules, wantsSnapshot } = this.#around;
    this.#isBehind = false;
    const fault = this.#stopped ?? this.#around.faultFor(this.workspaceId);
    if (fault !== undefined) return this.#failQueue(fault);
    this.shedLate(clock.now());
    const replica = await this.#loaded();
    if (replica === undefined) return;
    const batch = this.#form(replica);
    for (const { entry, holdId } of batch.toRecall) void this.#recall(entry, holdId);
    if (!batch.isEmpty && !(await this.#prove(replica, batch))) return;
    this.dueAt = rules.nextDueAt(replica.state) ?? never;
    this.#isBehind = this.dueAt <= batch.at;
    this.weight = replica.rows + this.#keys.size;
    if (wantsSnapshot(replica)) void this.save(0);
  }

  async #loaded(): Promise<Replica | undefined> {
    if (this.#replica !== undefined) return this.#replica;
    try {
      const replica = await loadReplica(this.workspaceId, this.#around.follow);
      this.#recalled.watch(replica.state);
      this.#replica = replica;
      return replica;
    } catch (error) {
      if (!(error instanceof EngineFault)) throw error;
      this.#failQueue(error);
      return undefined;
    }
  }

  #form(replica: Replica): Batch {
    const { rules, limits, clock, calendar, rateCard } = this.#around;
    const batch = new Batch(replica, replica.instantAt(clock.now()), {
      rules,
      surroundings: { calendar, rateCard: rateCard(this.workspaceId) },
      keys: this.#keys,
      batchDueMax: limits.batchDueMax,
      batchBytesMax: limits.batchBytesMax,
    });
    const queue = this.#queue;
    let taken = 0;
    // Where more is due than one append carries, commands wait (RULES 11).
    while (batch.runDue() && taken < queue.length && taken < limits.batchRequestsMax) {
      const entry = queue[taken];
      if (entry === undefined || batch.isFull) break;
      batch.take(entry);
      taken += 1;
    }
    this.#queue = taken === queue.length ? [] : queue.slice(taken);
    return batch;
  }

  /** Answers whether the batch was proven; if not, its requests wait in the queue again, or were told why. */
  async #prove(replica: Replica, batch: Batch): Promise<boolean> {
    const keys = this.#keys;
    const proving = { batch, replica, keys };
    try {
      const proof = await proveBatch(proving, this.#around);
      if (proof.kind === "proven") {
        deliver({ batch, head: proof.head, seen: proof.seen, keys }, this.#around);
        this.#tell(batch, proof.head);
        return true;
      }
      this.#requeue(batch);
      if (proof.kind === "tail_lost") {
        this.#forgetState();
        this.#around.observer?.tailLost?.(proof.loss);
      }
      return false;
    } catch (error) {
      undoBatch(proving);
      if (!(error instanceof EngineFault)) {
        this.#requeue(batch);
        throw error;
      }
      this.#fail(batch.entries, error);
      return false;
    }
  }

  #tell(batch: Batch, head: Head): void {
    for (const entry of batch.entries) if (entry.kind === "command") this.#recalled.forget(entry);
    const { workspaceId } = this;
    const { events } = batch;
    if (events.length > 0) this.#around.observer?.appended?.({ workspaceId, head, events });
  }

  #requeue(batch: Batch): void {
    this.#queue = [...batch.entries, ...this.#queue];
  }

  /** RULES 25. The request is not in the queue meanwhile, so that others go on. */
  async #recall(entry: CommandEntry, holdId: string): Promise<void> {
    const { counters, recall } = this.#around;
    counters.recalls += 1;
    try {
      await this.#recalled.recall(entry, holdId, () => recall(this.workspaceId, holdId));
      this.#queue.unshift(entry);
      this.#schedule();
    } catch (error) {
      if (error instanceof EngineFault) return entry.fail(error);
      this.#queue.unshift(entry);
      this.#halt(error);
    }
  }

  #forgetState(): void {
    this.#replica = undefined;
    this.#keys = new RememberedKeys(this.#around.limits.keysRememberedMax);
    this.#recalled.makeAllStale();
    this.dueAt = never;
    this.weight = 0;
  }

  /** N5. */
  #halt(cause: unknown): void {
    const { workspaceId } = this;
    const why = cause instanceof Error ? cause.message : String(cause);
    const message = `Workspace ${workspaceId} is stopped on this node. ${why} Run \`cistern verify\`, then restart the node.`;
    this.#forgetState();
    this.#stopped = new EngineFault("workspace_stopped", { workspaceId, message, cause });
    this.#around.log({ level: "error", code: "workspace_stopped", workspaceId, message, cause });
    this.#failQueue(this.#stopped);
  }

  #failQueue(fault: EngineFault): void {
    const queue = this.#queue;
    this.#queue = [];
    this.#fail(queue, fault);
  }

  #fail(entries: readonly Entry[], fault: EngineFault): void {
    for (const entry of entries) {
      if (entry.kind === "command") this.#recalled.forget(entry);
      entry.fail(fault);
    }
  }

  #overloaded(why: string): EngineFault {
    const { workspaceId } = this;
    const message = `Workspace ${workspaceId} is overloaded: ${why}. Nothing was decided; retry later.`;
    return new EngineFault("overloaded", { workspaceId, message });
  }
}
