// Owns: reading an answer that comes in one piece and puts out nothing that is counted by its text.
import type { Usage } from "@cistern/contract";
import { type Evidence, nothingSeen } from "../metering/ending.ts";
import type { AnswerReader } from "./dialect.ts";
import { textAt } from "./json.ts";

/** What an answer says. */
export interface WholeAnswer {
  readonly usage?: Usage | undefined;
  /** What came out, where the provider does not say what was used. */
  readonly delivered?: Usage;
  readonly isWhole: boolean;
}

/** Mutable, for one answer. */
export class WholeReader implements AnswerReader {
  readonly #read: (body: unknown) => WholeAnswer;
  readonly #unread: Usage;
  #evidence: Evidence = nothingSeen;

  /** @param unread what counts as delivered where the answer cannot be read */
  constructor(read: (body: unknown) => WholeAnswer, unread: Usage = {}) {
    this.#read = read;
    this.#unread = unread;
  }

  event(): "keep" {
    return "keep";
  }

  body(body: unknown, isEnded: boolean): void {
    const { usage, delivered, isWhole } =
      body === undefined ? { delivered: this.#unread, isWhole: isEnded } : this.#read(body);
    this.#evidence = {
      ...nothingSeen,
      usage,
      delivered: delivered ?? {},
      isWhole,
      response: textAt(body, "id"),
      model: textAt(body, "model"),
    };
  }

  get isNearlyWhole(): boolean {
    return false;
  }

  get isUsageTold(): boolean {
    return this.#evidence.usage !== undefined;
  }

  evidence(): Evidence {
    return this.#evidence;
  }
}
