import { SingleBar } from "cli-progress";

/** Rows, their rate and how many were refused, on stderr: a bar on a terminal, else a line every few seconds. */
export class ImportProgress {
  readonly #refused: { readonly count: number };
  #bar: SingleBar | undefined;
  #beganAt = 0;
  #from = 0;

  constructor(refused: { readonly count: number }) {
    this.#refused = refused;
  }

  /** Without a total only rows are counted. */
  begin(what: string, total: number, from = 0): void {
    this.end();
    this.#beganAt = Date.now();
    this.#from = from;
    const format =
      total === 0
        ? `${what}: {value} rows | {rate} rows/s | refused {refused}`
        : `${what}: {bar} {percentage}% | {value}/{total} rows | {rate} rows/s | {eta_formatted} left | refused {refused}`;
    this.#bar = new SingleBar({ format, noTTYOutput: true, notTTYSchedule: 5_000 });
    this.#bar.start(total, from, { rate: 0, refused: this.#refused.count });
  }

  at(rows: number): void {
    const seconds = Math.max(0.001, (Date.now() - this.#beganAt) / 1_000);
    const rate = Math.round((rows - this.#from) / seconds);
    this.#bar?.update(rows, { rate, refused: this.#refused.count });
  }

  end(): void {
    this.#bar?.stop();
    this.#bar = undefined;
  }
}
