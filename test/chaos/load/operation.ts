/** Owns what callers ask of a workspace, and how each kind is asked through the SDK. */
import type { Cistern } from "@cistern/client";
import type {
  Debit,
  DebitRequest,
  ExtendRequest,
  Grant,
  GrantRequest,
  Hold,
  HoldRequest,
  Limit,
  LimitRequest,
  Refund,
  RefundRequest,
  Release,
  Settlement,
  Workspace,
  WorkspaceRequest,
} from "@cistern/contract";

/** One effect that somebody wants once, however often it is asked for. Its attempts share this object. */
export type Operation = {
  readonly workspace: string;
  /** null: the default key of a final settle or a release. */
  readonly key: string | null;
} & (
  | { readonly kind: "createWorkspace"; readonly request: WorkspaceRequest }
  | { readonly kind: "grant"; readonly request: GrantRequest }
  | { readonly kind: "putLimit"; readonly limit: string; readonly request: LimitRequest }
  | { readonly kind: "authorize"; readonly request: HoldRequest }
  | {
      readonly kind: "settle";
      readonly hold: string;
      readonly credits: string;
      readonly final: boolean;
    }
  | { readonly kind: "extend"; readonly hold: string; readonly request: ExtendRequest }
  | { readonly kind: "release"; readonly hold: string }
  | { readonly kind: "debit"; readonly request: DebitRequest }
  | { readonly kind: "refund"; readonly request: RefundRequest }
);

/** An operation of one kind. */
export type OperationOf<Kind extends Operation["kind"]> = Extract<
  Operation,
  { readonly kind: Kind }
>;

/** What an operation was answered. */
export type Answer = Workspace | Grant | Limit | Hold | Settlement | Release | Debit | Refund;

/** Asks for it once; how often the SDK repeats it is the SDK's business. */
export async function send(cistern: Cistern, operation: Operation): Promise<Answer> {
  const { key } = operation;
  const options = key === null ? {} : { idempotencyKey: key };
  const workspace = cistern.workspace(operation.workspace);
  switch (operation.kind) {
    case "createWorkspace":
      return cistern.createWorkspace(operation.request, options);
    case "grant":
      return workspace.grant(operation.request, options);
    case "putLimit":
      return workspace.put.limit(operation.limit, operation.request, options);
    case "authorize":
      return (await workspace.authorize(operation.request, options)).answer;
    case "settle": {
      const { hold, credits, final } = operation;
      return workspace.settle(hold, { credits }, final ? options : { ...options, final });
    }
    case "extend":
      return workspace.extend(operation.hold, operation.request, options);
    case "release":
      return workspace.release(operation.hold, options);
    case "debit":
      return workspace.debit(operation.request, options);
    case "refund":
      return workspace.refund(operation.request, options);
  }
}
