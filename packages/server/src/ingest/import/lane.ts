import { type Operation, type OperationResult, limits } from "@cistern/contract";
import { problemOf } from "./batch-answer.ts";
import { BookingFault, type BookingOptions } from "./booking.ts";
import type { HistoryRow } from "./history.ts";
import type { News } from "./news.ts";
import type { Tally } from "./tally.ts";

/** Of a batch; what stands around an operation is counted below. */
const batchBytesMax = limits.bodyBytesMax - 65_536;
const aroundBytes = 512;
const triesMax = 12;

interface Waiting {
  readonly row: HistoryRow;
  readonly nth: number;
  readonly operation: Operation;
  readonly bytes: number;
}

/** Rows of a few workspaces, told one batch after the other (B2). Mutable. */
export class Lane {
  readonly #options: BookingOptions;
  readonly #tally: Tally;
  readonly #news: News;
  #waiting: Waiting[] = [];
  #isEnding = false;
  /** Tells all that waits now, though it fills no batch. */
  #isUrged = false;
  /** Never rejects: what went wrong is news. */
  running: Promise<void> | undefined;

  constructor(options: BookingOptions, tally: Tally, news: News) {
    this.#options = options;
    this.#tally = tally;
    this.#news = news;
  }

  get size(): number {
    return this.#waiting.length;
  }

  /** The number of the row that waits longest. */
  get oldest(): number {
    return this.#waiting[0]?.nth ?? Number.POSITIVE_INFINITY;
  }

  add(row: HistoryRow, nth: number): void {
    const operation = {
      method: "POST",
      path: `/v1/workspaces/${encodeURIComponent(row.workspace)}/debits`,
      idempotencyKey: this.#options.keyOf(row),
      body: row.debit,
    } as const;
    const bytes = Buffer.byteLength(JSON.stringify(row.debit)) + aroundBytes;
    this.#waiting.push({ row, nth, operation, bytes });
    if (this.#waiting.length >= limits.batchOperationsMax) this.#run();
  }

  urge(): void {
    this.#isUrged = true;
    this.#run();
  }

  /** No more rows come. */
  end(): void {
    this.#isEnding = true;
    this.#run();
  }

  /** What was not sent is not sent. */
  stop(): void {
    this.#waiting = [];
  }

  #run(): void {
    if (this.running !== undefined || this.#waiting.length === 0) return;
    this.running = this.#toldOrFailed();
  }

  async #toldOrFailed(): Promise<void> {
    try {
      await this.#tell();
      this.running = undefined;
      this.#news.tell();
    } catch (error) {
      this.stop();
      this.#news.fail(error);
    }
  }

  async #tell(): Promise<void> {
    for (;;) {
      const least = this.#isEnding || this.#isUrged ? 1 : limits.batchOperationsMax;
      if (this.#waiting.length < least) break;
      const batch = this.#waiting.slice(0, fitting(this.#waiting));
      await this.#decide(batch);
      this.#waiting.splice(0, batch.length);
      this.#tally.done(batch.map(({ nth }) => nth));
      this.#news.tell();
    }
    this.#isUrged = false;
  }

  /** B3. */
  async #decide(batch: readonly Waiting[]): Promise<void> {
    let open = batch;
    for (let tries = 1; open.length > 0; tries += 1) {
      const answer = await this.#options.send({ operations: open.map((one) => one.operation) });
      const left: Waiting[] = [];
      let retryAfterMs = 0;
      let because = "";
      if ("kind" in answer) {
        left.push(...open);
        because = answer.because;
      } else
        for (const [index, one] of open.entries()) {
          const result = answer.results[index];
          if (result !== undefined && result.status < 500) {
            await this.#decided(one, result);
            continue;
          }
          left.push(one);
          retryAfterMs = Math.max(retryAfterMs, (result?.retryAfter ?? 0) * 1_000);
          because = result === undefined ? "It was not answered." : problemOf(result).detail;
        }
      open = left;
      if (open.length === 0) return;
      if (tries >= triesMax)
        throw new BookingFault(
          `${open.length} rows were not decided in ${triesMax} tries: ${because} Start the same command again: what is charged is not charged a second time.`,
        );
      await this.#options.pause(tries, retryAfterMs);
    }
  }

  async #decided({ row, nth }: Waiting, result: OperationResult): Promise<void> {
    if (result.status < 300) return this.#tally.charged(result);
    const { code, detail } = problemOf(result);
    if (code === "unauthenticated" || code === "forbidden") throw new BookingFault(detail);
    const { file, line, workspace, debit } = row;
    this.#tally.refused(nth);
    await this.#options.onRefused({
      file,
      line,
      code,
      reason: detail,
      row: JSON.stringify({ workspace, ...debit }),
    });
  }
}

/** As many as one request takes. */
function fitting(waiting: readonly Waiting[]): number {
  let bytes = 0;
  let count = 0;
  for (const one of waiting) {
    bytes += one.bytes;
    if (count > 0 && bytes > batchBytesMax) break;
    count += 1;
    if (count === limits.batchOperationsMax) break;
  }
  return count;
}
