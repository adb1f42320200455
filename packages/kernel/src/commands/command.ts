/** What a workspace can be asked to do. Parsed and well-formed: only state can still refuse it. New ids come with it. */
import type { ChooseFairness } from "./choose-fairness.ts";
import type { PutAlertRule, RaiseAlert, RemoveAlertRule, ReviewAlert } from "./alert.ts";
import type { ClaimOutcome } from "./claim-outcome.ts";
import type { CloseMonth } from "./close-month.ts";
import type { Debit } from "./debit.ts";
import type { ExtendHold } from "./extend-hold.ts";
import type { GiftReserve, SetGroupGuarantee, SetGuarantee, SetReach } from "./fairness.ts";
import type { Grant, Revoke } from "./grant.ts";
import type { CreditInvoice, FinalizeInvoice, PayInvoice, VoidInvoice } from "./invoice.ts";
import type { InvoiceNow } from "./invoice-now.ts";
import type { PutLimit, RemoveLimit } from "./limit.ts";
import type { PutLimits, SplitLimit } from "./limits.ts";
import type { Escheat, ReviseBreakage } from "./lot-money.ts";
import type { DeactivateMember, PutGroup, PutMember } from "./member.ts";
import type { OpenHold } from "./open-hold.ts";
import type { ConfirmOutcome, DisputeOutcome, ReopenOutcome, SignalCase } from "./outcome.ts";
import type { PayOutBalance } from "./pay-out.ts";
import type { AcceptPolicy, PutPolicy, RemovePolicy } from "./policy.ts";
import type { RecommendFairness } from "./recommend-fairness.ts";
import type { Refund } from "./refund.ts";
import type { ReleaseHold } from "./release-hold.ts";
import type { ChargeBack, Repay } from "./repay.ts";
import type { CloseRun, OpenRun, PauseRun, RaiseRun } from "./run.ts";
import type { ApproveRequest, DeclineRequest, RequestCredits } from "./request.ts";
import type { AssignSeat, ReleaseSeat } from "./seat.ts";
import type { SettleHold } from "./settle-hold.ts";
import type { CancelSubscription, PutSubscription, SetPeriodEnd } from "./subscription.ts";
import type { PutTopUpRule, RequestTopUp, ResolveTopUp } from "./top-up.ts";
import type { CreateWorkspace, UpdateWorkspace } from "./workspace.ts";

/** Every command. */
export type Command =
  | CreateWorkspace
  | UpdateWorkspace
  | PutMember
  | DeactivateMember
  | PutGroup
  | PutLimit
  | RemoveLimit
  | PutLimits
  | SplitLimit
  | RequestCredits
  | ApproveRequest
  | DeclineRequest
  | PutPolicy
  | RemovePolicy
  | AcceptPolicy
  | Grant
  | Revoke
  | Repay
  | ChargeBack
  | Escheat
  | ReviseBreakage
  | OpenHold
  | ExtendHold
  | SettleHold
  | ReleaseHold
  | Debit
  | Refund
  | OpenRun
  | RaiseRun
  | PauseRun
  | CloseRun
  | PutSubscription
  | AssignSeat
  | ReleaseSeat
  | SetPeriodEnd
  | CancelSubscription
  | InvoiceNow
  | FinalizeInvoice
  | PayInvoice
  | VoidInvoice
  | CreditInvoice
  | PayOutBalance
  | ClaimOutcome
  | SignalCase
  | ReopenOutcome
  | ConfirmOutcome
  | DisputeOutcome
  | RequestTopUp
  | ResolveTopUp
  | PutTopUpRule
  | ChooseFairness
  | RecommendFairness
  | GiftReserve
  | SetGuarantee
  | SetGroupGuarantee
  | SetReach
  | PutAlertRule
  | RemoveAlertRule
  | RaiseAlert
  | ReviewAlert
  | CloseMonth;
