import type { Usage } from "@cistern/contract";

/** What kind of work a call is; each kind is a meter of the catalog. */
export type MeteredKind =
  | "chat"
  | "embedding"
  | "image"
  | "speech"
  | "transcription"
  | "video"
  | "rerank"
  | "tool";

/** A call to be metered. */
export interface MeteredRequest {
  readonly kind: MeteredKind;
  /** The catalog's meter where it is not the kind's. */
  readonly meter?: string;
  readonly model?: string | undefined;
  /** A price that is fixed beforehand, in place of what the rate card makes of the usage; the meter stands beside it only where it is named. */
  readonly credits?: string;
  /** What to hold. */
  readonly estimate: Usage;
  /** What goes in, likeliest: counted where the provider says nothing. */
  readonly input: Usage;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly toolCall?: boolean;
  readonly action?: string;
}
