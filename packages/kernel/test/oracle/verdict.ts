/** What the oracle says of a command; of a refusal, all numbers. */
export type Verdict =
  | { readonly kind: "accepted" }
  | {
      readonly kind: "rejected";
      readonly code: string;
      readonly numbers?: Record<string, unknown>;
    };

export const accepted: Verdict = { kind: "accepted" };
export const no = (code: string, numbers?: Record<string, unknown>): Verdict => ({
  kind: "rejected",
  code,
  ...(numbers === undefined ? {} : { numbers }),
});
