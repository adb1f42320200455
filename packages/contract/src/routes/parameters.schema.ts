import { Type } from "typebox";
import {
  CallerIdSchema,
  IdempotencyKeySchema,
  ModelSchema,
  strictObject,
} from "../formats.schema.ts";

const workspace = CallerIdSchema;

// An id of ours in a path may be any id by form: whether it exists is answered with 404.
export const WorkspaceParams = strictObject({ workspace });
export const MemberParams = strictObject({ workspace, member: CallerIdSchema });
export const GroupParams = strictObject({ workspace, group: CallerIdSchema });
export const LimitParams = strictObject({ workspace, limit: CallerIdSchema });
export const PolicyParams = strictObject({ workspace, policy: CallerIdSchema });
export const PolicyTextParams = strictObject({ workspace, hash: CallerIdSchema });
export const GrantParams = strictObject({ workspace, grant: CallerIdSchema });
export const HoldParams = strictObject({ workspace, hold: CallerIdSchema });
export const RunParams = strictObject({ workspace, run: CallerIdSchema });
export const OutcomeParams = strictObject({ workspace, outcome: CallerIdSchema });
export const FeatureParams = strictObject({ workspace, feature: ModelSchema });
/** A number, or `current`. */
export const CatalogParams = strictObject({ version: CallerIdSchema });
export const InvoiceParams = strictObject({ workspace, invoice: CallerIdSchema });
export const CreditNoteParams = strictObject({
  workspace,
  invoice: CallerIdSchema,
  creditNote: CallerIdSchema,
});
export const WebhookParams = strictObject({ webhook: CallerIdSchema });
export const KeyParams = strictObject({ key: CallerIdSchema });

/** The headers of a mutation, for the document: the server checks the key after everything that precedes it. */
export const IdempotencyHeaders = Type.Object({
  "idempotency-key": Type.Optional(IdempotencyKeySchema),
});
