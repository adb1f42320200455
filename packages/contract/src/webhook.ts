/** Where events are to be sent. */
export interface WebhookRequest {
  /** `https`; an address that is private, or that resolves to one, is never called. */
  readonly url: string;
  /** Event types, or all of a noun (`hold.*`); left out: all. */
  readonly types?: readonly string[];
  /** Of these workspaces; left out: of all that the key opens, also of those that come. */
  readonly workspaces?: readonly string[];
  readonly description?: string;
}

/** An endpoint: where events are sent, signed by Standard Webhooks. */
export interface Webhook {
  readonly id: string;
  readonly url: string;
  readonly types?: readonly string[];
  readonly workspaces?: readonly string[];
  readonly description?: string;
  /** The one workspace whose key made it. */
  readonly workspace?: string;
  /** `disabled`: nothing is sent until it is enabled again; what came meanwhile is kept. */
  readonly status: "active" | "disabled";
  readonly disabledAt?: string;
  readonly disabledReason?: string;
  readonly createdAt: string;
  /** Secrets before this one sign too, until then. */
  readonly oldSecretsUntil?: string;
  /** `whsec_…`: shown when it is made, and when it is rotated. */
  readonly secret?: string;
}

/** A page of endpoints. */
export interface WebhookPage {
  readonly data: readonly Webhook[];
  readonly nextCursor?: string;
}

/** An endpoint that is gone. */
export interface WebhookRemoved {
  readonly id: string;
  readonly removed: true;
}

/** How long the secret until now signs beside the new one (ISO 8601); default a day. */
export interface WebhookRotateRequest {
  readonly overlap?: string;
}

/** From when on events are to be sent again. */
export interface WebhookReplayRequest {
  readonly since: string;
  /** In this workspace alone. */
  readonly workspace?: string;
}

/** What came back for a test event. */
export interface WebhookTest {
  /** The id of the event. */
  readonly event: string;
  /** Whether it counts as taken. */
  readonly taken: boolean;
  /** The HTTP status; left out where there was no answer. */
  readonly status?: number;
  /** Why there was no answer, or none that counts. */
  readonly fault?: string;
  readonly ms: number;
  /** The beginning of the answer. */
  readonly answer?: string;
}

/** One try to send an event. */
export interface WebhookAttempt {
  readonly id: string;
  readonly event: string;
  readonly type: string;
  readonly workspace: string;
  /** 1 for the first of this event. */
  readonly attempt: number;
  readonly at: string;
  readonly ms: number;
  /** Whether it counts as taken. */
  readonly taken: boolean;
  readonly status?: number;
  readonly fault?: string;
  /** When it is tried again. */
  readonly nextAt?: string;
}

/** A page of attempts, newest first. */
export interface WebhookAttemptPage {
  readonly data: readonly WebhookAttempt[];
  readonly nextCursor?: string;
}
