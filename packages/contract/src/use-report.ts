/** Which days, in the workspace's zone, both included; at most 92. */
export interface UseReportQuery {
  readonly from: string;
  readonly to: string;
  readonly limit?: number;
  readonly cursor?: string;
  readonly format?: "json" | "csv";
}

/** What a member was refused by one code. */
export interface RefusedByCode {
  readonly code: string;
  readonly times: number;
  readonly credits: string;
}

/** A member that was refused, and the raise that would have covered 95 of 100 of its active days. A hint: a call that was asked again counts again. */
export interface PowerUser {
  readonly member: string;
  readonly refused: number;
  readonly refusedCredits: string;
  /** Of them, refused by limits. */
  readonly refusedByLimits: string;
  /** Of them, refused by the sharing of the pool, which no raise answers. */
  readonly refusedByShares: string;
  readonly usedCredits: string;
  /** Days with use or a refusal. */
  readonly activeDays: number;
  readonly refusedDays: number;
  /** Days on which a limit refused. */
  readonly daysAtLimit: number;
  /** Credits a day; 0 where none is suggested. */
  readonly suggestedRaise: string;
  /** Active days that it would have covered. */
  readonly coveredDays: number;
  readonly codes: readonly RefusedByCode[];
  readonly why: string;
}

/** Members who need more, those first that were refused most. */
export interface PowerUsersReport {
  readonly from: string;
  readonly to: string;
  readonly data: readonly PowerUser[];
  readonly nextCursor?: string;
}

/** Since how long a seat must be without use. */
export interface IdleSeatsQuery {
  /** Default 30. */
  readonly days?: number;
  readonly limit?: number;
  readonly cursor?: string;
  readonly format?: "json" | "csv";
}

/** A seat that nobody uses: neither its member nor what acts for it. */
export interface IdleSeat {
  readonly member: string;
  readonly since: string;
  /** Left out: not in the last 366 days. */
  readonly lastUsedAt?: string;
  readonly idleDays: number;
  /** Of one seat and one period. */
  readonly fee: string;
  readonly currency: string;
  readonly why: string;
}

/** Idle seats, the longest idle first, and what a period would cost less without all of them. */
export interface IdleSeatsReport {
  readonly days: number;
  readonly asOf: string;
  /** Left out: the workspace has no plan with seats. */
  readonly plan?: string;
  readonly paid: number;
  readonly assigned: number;
  readonly idle: number;
  /** By the plan's fee and its least number of seats; exact decimals. */
  readonly saving: string;
  readonly currency: string;
  readonly data: readonly IdleSeat[];
  readonly nextCursor?: string;
}

/** A hint that credits went for little, with its numbers. */
export interface InefficiencyRow {
  readonly kind: "failed_calls" | "retries" | "cache_misses" | "larger_model";
  readonly meter: string;
  /** Empty where the calls named none, and of retries. */
  readonly model: string;
  /** Of retries; else empty. */
  readonly member: string;
  /** Of failed calls: how they ended; else empty. */
  readonly ended: "" | "failed" | "cancelled" | "partial" | "no_usage" | "unrated" | "late";
  readonly calls: number;
  /** What they were charged. */
  readonly credits: string;
  /** What could have been saved, at most. */
  readonly saves: string;
  /** Of a model that is larger than its answers need: the cheaper one; else empty. */
  readonly cheaperModel: string;
  readonly why: string;
}

/** Where credits went for little, those rows first that could save most. */
export interface InefficiencyReport {
  readonly from: string;
  readonly to: string;
  readonly calls: number;
  readonly data: readonly InefficiencyRow[];
  readonly nextCursor?: string;
}
