import type { ExtendRequest, Hold, HoldRequest, Operation } from "@cistern/contract";
import type { Caller } from "./caller.ts";
import type { CallOptions } from "./call-options.ts";
import type { Deferred } from "./cistern.ts";

/** What to do where the server cannot be reached. One of three: fail closed, the same with a journal, or `open_with_journal`. */
export interface FailureMode {
  /** Asks for a hold; an `Approval` is one made in this process. */
  authorize(asking: Asking): Promise<Hold | Approval>;
  /** Delivers a report of what has happened, now or later. */
  report<Answer>(report: Report): Promise<Answer | Deferred>;
  /** Reports what an approval used; ends it where `isFinal`. */
  reportApproved(use: ApprovedUse): Promise<Deferred>;
  /** Asks for more for an approval; answers the credits that it counts for then. */
  extendApproval(id: string, more: ExtendRequest, expiresAt: number): string;
  /** Ends an approval that was not used. */
  endApproval(id: string): void;
  close(): Promise<void>;
}

/** A hold to ask for. */
export interface Asking {
  readonly request: HoldRequest;
  readonly operation: Operation;
  readonly options: CallOptions;
}

/** A hold that was approved without the server. */
export interface Approval {
  readonly isApproval: true;
  readonly id: string;
  readonly credits: string;
  readonly authorizedAt: number;
  readonly expiresAt: number;
}

/** A report of what has happened: the operation has its effect once, under its key. */
export interface Report {
  /** Reports of one subject are delivered in order. */
  readonly subject: string;
  readonly operation: Operation;
  readonly options: CallOptions;
}

/** What an approval used. */
export interface ApprovedUse {
  readonly approval: string;
  readonly operation: Operation;
  /** Left out where the usage is not priced here. */
  readonly credits: string | undefined;
  readonly isFinal: boolean;
}

const noApproval = (): never => {
  throw new Error("A client that fails closed has no approvals of its own.");
};

/** What a mode that fails closed is never asked. */
export const noApprovals: Pick<FailureMode, "reportApproved" | "extendApproval" | "endApproval"> = {
  reportApproved: noApproval,
  extendApproval: noApproval,
  endApproval: noApproval,
};

/** No decision, no call: every missing answer is thrown. */
export function failClosed(caller: Caller): FailureMode {
  return {
    authorize: async ({ operation, options }) => await caller.change<Hold>(operation, options),
    report: async <Answer>({ operation, options }: Report) =>
      await caller.change<Answer>(operation, options),
    ...noApprovals,
    close: () => Promise.resolve(),
  };
}
