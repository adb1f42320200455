import { Buffer } from "node:buffer";
import { type Asks, asksByCredits, asksByUsage } from "../load/asks.ts";
import { memberName } from "../load/spender.ts";
import { type Group, type Job, operationsPerBatch } from "./job.ts";

const askedBy: Readonly<Record<Group["asks"], Asks>> = {
  credits: asksByCredits,
  usage: asksByUsage,
};

/** The exact text of each request that one caller sends; whatever never changes is written once. */
export class Requests {
  readonly #head: string;
  readonly #path: string;
  readonly #holdBody: string;
  readonly #settleBody: string;
  readonly #holdStart: string;
  readonly #settleEnd: string;
  readonly #keyPrefix: string;
  /** Reads the workspace's balance. */
  readonly balance: string;

  constructor(
    job: Job,
    caller: Pick<Group, "asks" | "resource" | "members"> & {
      name: string;
      workspaceId: string;
      index: number;
    },
  ) {
    this.#head = `host: ${job.host}\r\nauthorization: Bearer ${job.apiKey}\r\n`;
    const workspacePath = `/v1/workspaces/${caller.workspaceId}`;
    this.#path = `${workspacePath}/${caller.resource}`;
    this.#keyPrefix = `key_${job.run}_${caller.name}_`;
    const asks = askedBy[caller.asks];
    const { model, attributes } = asks.called(caller.index);
    this.#holdBody = JSON.stringify({
      member: memberName(caller.index, caller.members),
      ...(model === null ? {} : { model }),
      ...(attributes === null ? {} : { attributes }),
      ...asks.heldBody,
    });
    this.#settleBody = JSON.stringify(asks.settledBody);
    this.#holdStart = `POST ${this.#path} HTTP/1.1\r\n${this.#content(this.#holdBody)}idempotency-key: `;
    this.#settleEnd = `/settle HTTP/1.1\r\n${this.#content(this.#settleBody)}\r\n${this.#settleBody}`;
    this.balance = `GET ${workspacePath}/balance HTTP/1.1\r\n${this.#head}\r\n`;
  }

  hold(turn: number): string {
    return `${this.#holdStart}${this.#keyPrefix}${turn}\r\n\r\n${this.#holdBody}`;
  }

  settle(holdId: string): string {
    return `POST ${this.#path}/${holdId}${this.#settleEnd}`;
  }

  batchOfHolds(turn: number): string {
    const member = `,"body":${this.#holdBody}}`;
    const operations = Array.from(
      { length: operationsPerBatch },
      (_, index) =>
        `{"method":"POST","path":"${this.#path}","idempotencyKey":"${this.#keyPrefix}${turn}-${index}"${member}`,
    );
    return this.#batch(operations);
  }

  batchOfSettles(holdIds: readonly string[]): string {
    return this.#batch(
      holdIds.map(
        (holdId) =>
          `{"method":"POST","path":"${this.#path}/${holdId}/settle","idempotencyKey":"settle-${holdId}","body":${this.#settleBody}}`,
      ),
    );
  }

  #batch(operations: readonly string[]): string {
    const body = `{"operations":[${operations.join(",")}]}`;
    return `POST /v1/batch HTTP/1.1\r\n${this.#content(body)}\r\n${body}`;
  }

  #content(body: string): string {
    return `${this.#head}content-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n`;
  }
}
