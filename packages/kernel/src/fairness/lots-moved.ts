import type { Event } from "../events.ts";
import type { Transfer } from "../pool/lot.ts";

/** An event that moves credits. */
export type LotsMoved = Event & { readonly transfers: readonly Transfer[] };
