export { FairFold } from "./fair-fold.ts";
export { type AuditFault, FaultFound } from "./fault.ts";
export { verify, type Verdict, type VerifyOptions } from "./verify.ts";
export { isFault, WorkspaceAudit } from "./workspace-audit.ts";
