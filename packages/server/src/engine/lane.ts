/**
 * Owns the requests of one workspace, from the queue to their batch.
 *
 * N1 what arrives while an append is in flight is decided upon it, as the next batch; a large one leaves at once, behind it
 * (decision 6). N3 a lost race takes all of them back; they are caught up and decided again, and the caller never sees it. N4
 * what is shed was not decided. N5 a broken chain or a broken rule of ours stops this workspace alone. (N2 is with the proof of a batch.)
 */
import type { Head, OpRow } from "../journal/index.ts";
import { Batch } from "./batch.ts";
import { deliver } from "./deliver.ts";
import { EngineFault } from "./engine-fault.ts";
import type { CommandEntry, Entry } from "./entry.ts";
import { type Flight, Flights, type Landing } from "./flights.ts";
import { catchUp, loadReplica } from "./follow-journal.ts";
import type { LaneAround } from "./lane-around.ts";
import { RecalledHolds } from "./recalled-holds.ts";
import { RememberedKeys } from "./remembered-keys.ts";
import type { Replica } from "./replica.ts";

const never = Number.POSITIVE_INFINITY;
/** After a lost race so many appends go one by one: while another node spends from the pool too, what leaves ahead is mostly lost. */
const loneAppends = 64;
/** See the file head. */
export class Lane {
  readonly workspaceId: string;
  readonly #around: LaneAround;
  readonly #recalled = new RecalledHolds();
  #queue: Entry[] = [];
  #keys: RememberedKeys;
  #replica: Replica | undefined;
  readonly #flights: Flights;
  /** Appends that have to come through before one may leave ahead again. */
  #loneLeft = 0;
  /** What was decided upon those in flight. */
  #next: Batch | undefined;
  #stopped: EngineFault | undefined;
  #isReady = false;
  /** Reading the journal; nothing is decided meanwhile. */
  #isFollowing = false;
  /** Nothing is staged until a snapshot was taken. */
  #wantsSave = false;
  #isSaving = false;
  /** The next instant at which something happens by itself. */
  dueAt: number = never;
  /** Whether it was used since the cache last looked. */
  wasUsed = true;
  /** Rows and keys in memory, as the cache counts them. */
  weight = 0;

  constructor(workspaceId: string, around: LaneAround) {
    this.workspaceId = workspaceId;
    this.#around = around;
    this.#keys = newKeys(around.limits);
    this.#flights = new Flights(around, () => this.#guarded(() => this.#land()));
  }

  get queued(): number {
    return this.#queue.length;
  }

  get isStopped(): boolean {
    return this.#stopped !== undefined;
  }

  /** Whether nothing is queued or under way, so that it may leave memory. */
  get isIdle(): boolean {
    const isWorking = this.#isReady || this.#flights.count > 0 || this.#isFollowing;
    return !isWorking && !this.#isSaving && this.#recalled.reading === 0;
  }

  enqueue(entry: Entry): void {
    this.wasUsed = true;
    const { limits, counters } = this.#around;
    if (this.#queue.length + this.#recalled.reading >= limits.queuedMax) {
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

  /** Decides what may be decided now. Called by the scheduler alone. */
  run(): void {
    this.#isReady = false;
    if (this.#isFollowing) return;
    this.#guarded(() => {
      const fault = this.#stopped ?? this.#around.faultFor(this.workspaceId);
      if (fault !== undefined) return this.#failQueue(fault);
      this.shedLate(this.#around.clock.now());
      if (this.#replica === undefined) return void this.#follow(() => this.#load());
      if (this.#flights.count === 0) this.#start(this.#replica);
      this.#stage(this.#replica);
    });
  }

  /** Writes a snapshot when at least so many events are in none yet. Only while nothing is applied that is not durable. */
  async save(eventsMin: number): Promise<void> {
    const replica = this.#replica;
    if (replica === undefined || this.#isSaving || this.#flights.count > 0) return;
    if (replica.eventsUnsaved < eventsMin) return;
    this.#isSaving = true;
    await this.#around.snapshot(replica);
    this.#isSaving = false;
  }

  #schedule(): void {
    if (this.#isReady || this.#isFollowing) return;
    this.#isReady = true;
    this.#around.ready(this);
  }

  /** Sends the next batch on its way. */
  #start(replica: Replica): void {
    const batch = this.#next ?? this.#newBatch(replica);
    const { length } = this.#queue;
    // The store works on one half while the other is decided.
    const { store, limits } = this.#around;
    const mayLeaveAhead = store.keepsOrder === true && this.#loneLeft === 0;
    const isSplit = mayLeaveAhead && length >= 2 * limits.aheadRequestsMin;
    if (this.#next === undefined) this.#fill(batch, isSplit ? length >>> 1 : length);
    this.#next = undefined;
    if (batch.isEmpty) {
      this.#recall(batch, replica);
      return this.#rest(replica, batch);
    }
    // The state is what this batch leaves: nothing is decided upon it yet.
    batch.nextDueAtMs = this.#around.rules.nextDueAt(replica.state) ?? never;
    this.#flights.send(batch, replica);
  }

  /** Decides what has arrived upon what is in flight. */
  #stage(replica: Replica): void {
    if (this.#flights.count === 0 || this.#queue.length === 0 || this.#wantsSave) return;
    this.#next ??= this.#newBatch(replica);
    this.#fill(this.#next, this.#queue.length);
    this.#goAhead(replica);
  }

  /** Sends the next batch before the one in flight is answered, if it is worth it. */
  #goAhead(replica: Replica): void {
    const next = this.#next;
    const { aheadRequestsMin } = this.#around.limits;
    if (next === undefined || next.entries.length < aheadRequestsMin || this.#wantsSave) return;
    if (this.#loneLeft === 0 && this.#flights.mayGoAhead(next)) this.#start(replica);
  }

  #newBatch(replica: Replica): Batch {
    const { rules, limits, calendar, rateCard, rateCardNamed, rateCardOf } = this.#around;
    return new Batch(replica, this.#flights.last, {
      rules,
      calendar,
      rateCard: (at) => rateCard(this.workspaceId, at),
      rateCardNamed,
      rateCardOf,
      keys: this.#keys,
      recalled: this.#recalled,
      batchDueMax: limits.batchDueMax,
      batchBytesMax: limits.batchBytesMax,
    });
  }

  #fill(batch: Batch, requests: number): void {
    const { clock, limits } = this.#around;
    batch.advanceTo(clock.now());
    const queue = this.#queue;
    const takenMax = Math.min(requests, limits.batchRequestsMax - batch.entries.length);
    let taken = 0;
    // Where more is due than one append carries, commands wait (RULES 11).
    while (batch.runDue() && taken < takenMax && !batch.isFull) {
      const entry = queue[taken];
      if (entry !== undefined) batch.take(entry);
      taken += 1;
    }
    this.#queue = taken === queue.length ? [] : queue.slice(taken);
  }

  /** Takes what has landed, in order. */
  #land(): void {
    for (let one = this.#flights.landed; one !== undefined; one = this.#flights.landed) {
      const replica = this.#replica;
      if (replica === undefined) return;
      this.#landed(replica, one.flight, one.landing);
    }
  }

  #landed(replica: Replica, flight: Flight, landing: Landing): void {
    const { batch } = flight;
    switch (landing.kind) {
      case "proven":
        return this.#proven(replica, flight, landing);
      case "behind":
        this.#loneLeft = loneAppends;
        this.#undo(replica);
        return void this.#follow(() => this.#recover(replica, []));
      case "duplicate": {
        this.#undo(replica);
        const learns = batch.ops.map((op) => op.opId);
        return void this.#follow(() => this.#recover(replica, learns));
      }
      case "failed":
        return this.#unproven(replica, batch, landing.error);
    }
  }

  #proven(
    replica: Replica,
    { batch, mark }: Flight,
    { head, seen }: Extract<Landing, { readonly kind: "proven" }>,
  ): void {
    this.#flights.drop();
    const { length } = batch.events;
    if (length > 0) replica.commit(head, length, mark);
    if (length > 0 && this.#loneLeft > 0) this.#loneLeft -= 1;
    this.#recall(batch, replica);
    this.#wantsSave = !this.#isSaving && this.#around.wantsSnapshot(replica);
    // The next one leaves first: the store works on it while these answers go out, and their callers ask again.
    if (this.#flights.count > 0) this.#goAhead(replica);
    else if (this.#next !== undefined) this.#start(replica);
    this.#answer(batch, head, seen);
    if (this.#flights.count === 0) this.#rest(replica, batch);
    if (this.#queue.length > 0) this.#schedule();
  }

  /** The store did not tell, or something of ours broke. */
  #unproven(replica: Replica, batch: Batch, error: unknown): void {
    const inAir = this.#flights.batches;
    this.#undo(replica);
    if (!(error instanceof EngineFault)) throw error;
    // Where it may have happened, so may what left behind it: that must not be decided afresh.
    const lost = error.code === "outcome_unknown" ? inAir : [batch];
    const entries = lost.flatMap((one) => one.entries);
    const failed = new Set(entries);
    this.#queue = this.#queue.filter((entry) => !failed.has(entry));
    this.#fail(entries, error);
    if (this.#queue.length > 0) this.#schedule();
  }

  /** Nothing is in flight or staged. */
  #rest(replica: Replica, last: Batch): void {
    this.dueAt = this.#around.rules.nextDueAt(replica.state) ?? never;
    this.weight = replica.rows + this.#keys.size;
    if (this.#wantsSave) void this.save(0);
    this.#wantsSave = false;
    if (this.dueAt <= last.at) this.#schedule();
    this.#around.ran(this);
  }

  /** N3: everything that is not durable, back to the queue. */
  #undo(replica: Replica): void {
    replica.undo();
    for (const batch of this.#undecided()) {
      this.#keys.forget(batch.ops);
      this.#requeue(batch);
    }
    this.#flights.clear();
    this.#next = undefined;
  }

  /** Batches that are not durable, newest first. */
  #undecided(): readonly Batch[] {
    const sent = this.#flights.batches.toReversed();
    return this.#next === undefined ? sent : [this.#next, ...sent];
  }

  #answer(batch: Batch, head: Head, seen: readonly OpRow[]): void {
    deliver({ batch, head, seen, keys: this.#keys }, this.#around);
    for (const entry of batch.entries) if (entry.kind === "command") this.#recalled.forget(entry);
    const { workspaceId } = this;
    const { events, nextDueAtMs } = batch;
    if (events.length > 0)
      this.#around.observer?.appended?.({ workspaceId, head, events, nextDueAtMs });
  }

  /** Reads the journal while nothing is decided. */
  async #follow(read: () => Promise<void>): Promise<void> {
    this.#isFollowing = true;
    try {
      await read();
    } catch (error) {
      this.#isFollowing = false;
      return this.#guarded(() => {
        if (!(error instanceof EngineFault)) throw error;
        this.#failQueue(error);
      });
    }
    this.#isFollowing = false;
    this.#schedule();
  }

  async #load(): Promise<void> {
    const replica = await loadReplica(this.workspaceId, this.#around.follow);
    this.#recalled.watch(replica.state);
    this.#replica = replica;
  }

  async #recover(replica: Replica, opIds: readonly string[]): Promise<void> {
    const { calls, store, follow, observer } = this.#around;
    const { workspaceId } = this;
    if (opIds.length > 0) {
      const { ops } = await calls.read(workspaceId, () => store.readHead(workspaceId, opIds));
      for (const op of ops) this.#keys.add(op);
    }
    const caught = await catchUp(replica, follow);
    if (caught.kind === "caught_up") return;
    this.#forgetState();
    observer?.tailLost?.(caught.loss);
  }

  #requeue(batch: Batch): void {
    for (const entry of batch.toRecall) this.#recalled.forget(entry);
    this.#queue = [...batch.entries, ...batch.toRecall, ...this.#queue];
  }

  /** RULES 25. These requests are not in the queue meanwhile, so that others go on. */
  #recall({ toRecall }: Batch, replica: Replica): void {
    for (const entry of toRecall) void this.#recallFor(entry, replica.head.seq);
  }

  async #recallFor(entry: CommandEntry, until: number): Promise<void> {
    const { counters, recall } = this.#around;
    counters.recalls += 1;
    try {
      await this.#recalled.recall(entry, (holdId) => recall(this.workspaceId, holdId, until));
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
    this.#flights.clear();
    this.#next = undefined;
    this.#keys = newKeys(this.#around.limits);
    this.#recalled.makeAllStale();
    this.dueAt = never;
    this.weight = 0;
  }

  #guarded(step: () => void): void {
    try {
      step();
    } catch (error) {
      this.#halt(error);
    }
  }

  /** N5. */
  #halt(cause: unknown): void {
    const { workspaceId } = this;
    const why = cause instanceof Error ? cause.message : String(cause);
    const message = `Workspace ${workspaceId} is stopped on this node. ${why} Run \`cistern verify\`, then restart the node.`;
    for (const batch of this.#undecided()) this.#requeue(batch);
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

/** Two batches at most are not durable yet: their keys, and what a duplicate taught, must outlive both. */
const newKeys = ({ keysRememberedMax, batchRequestsMax }: LaneAround["limits"]): RememberedKeys =>
  new RememberedKeys(Math.max(keysRememberedMax, 4 * batchRequestsMax));
