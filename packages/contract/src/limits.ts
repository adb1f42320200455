/** Every bound of the contract, by name. Values of a request past one of these are refused (`too_large` or `invalid_request`), never cut. */
export const limits = {
  /** Bytes of one request body. */
  bodyBytesMax: 1_048_576,
  /** Bytes of one with a catalog in it. */
  catalogBytesMax: 16_777_216,
  /** Operations in one `POST /v1/batch`. */
  batchOperationsMax: 500,
  /** How long one answer of the feed waits for an event. */
  eventsWaitMaxMs: 60_000,
  /** Characters of a list of event types. */
  eventTypesCharactersMax: 2_000,
  /** CloudEvents in one call; characters of the id, the source, the subject or the type of one. */
  eventsAtOnceMax: 500,
  eventTextCharactersMax: 1_024,
  /** Bytes of spans in one call, and when they are unfolded; spans of one call. */
  traceBytesMax: 8_388_608,
  spansAtOnceMax: 10_000,
  /** Rows of one page, and the default where `limit` is left out. */
  pageRowsMax: 100,
  pageRowsDefault: 50,
  /** UTF-8 bytes of `attributes` written as JSON. */
  attributesBytesMax: 1024,
  /** Characters of the caller's ids: workspaces, members, groups, limits, runs, projects. */
  callerIdCharactersMax: 64,
  /** Characters of `Idempotency-Key`. */
  idempotencyKeyCharactersMax: 255,
  /** Characters of names of workspaces, members, groups and keys. */
  nameCharactersMax: 200,
  /** Characters of a reference or a reason. */
  noteCharactersMax: 500,
  /** Characters of the name of a meter or a model. */
  meterCharactersMax: 128,
  /** Buckets in one usage or estimate, and the largest quantity of one. */
  usageBucketsMax: 32,
  usageQuantityMax: 1_000_000_000_000,
  /** Groups of one member; meters, groups or members of one grant's restriction. */
  memberGroupsMax: 32,
  restrictionNamesMax: 100,
  /** Limits that one call sets and removes. */
  limitsAtOnceMax: 1_000,
  /** Owners of one workspace; leads of one group. */
  ownersMax: 100,
  leadsMax: 32,
  /** Guests that an open workspace takes: default and ceiling. */
  guestsDefault: 1000,
  guestsMax: 1_000_000,
  /** Parts of one hold: extends and partial settles. */
  holdPartsMax: 10_000,
  /** A hold's life: default, and the most in total, extends included. */
  holdTtlDefaultMs: 300_000,
  holdTtlMaxMs: 86_400_000,
  /** Steps, calls of tools or repeats that a run may be bounded by. */
  runStepsMax: 1_000_000_000,
  /** How often one action is approved in a run that says nothing of it. */
  runSameActionDefault: 5,
  /** How long a run lives without a call in it, and the most. */
  runIdleDefaultMs: 3_600_000,
  runIdleMaxMs: 2_592_000_000,
  /** Characters of the action of a hold. */
  actionCharactersMax: 128,
  /** Characters of a provider's own id of an answer. */
  responseCharactersMax: 128,
  /** Lots listed in one balance; the rest are counted in `lotsLeftOut`. */
  balanceLotsMax: 1000,
  /** Units of one outcome. */
  outcomeQuantityMax: 1_000_000_000,
  /** Packs of one top-up. */
  topUpPacksMax: 10_000,
  /** Characters of the id of a payment. */
  paymentIdCharactersMax: 200,
  /** Seats of one subscription. */
  seatsMax: 1_000_000,
  /** Spans of time in one negotiation. */
  negotiatedSpansMax: 24,
  /** Thresholds of one alert rule, and who it tells. */
  alertPercentsMax: 10,
  alertRecipientsMax: 32,
  /** Meters, or models, of one policy; spans of hours; characters of its text. */
  policyNamesMax: 100,
  policyHoursMax: 21,
  policyTextCharactersMax: 65_536,
  /** Characters of the address of a webhook; types, or workspaces, that it names; webhooks of the vendor and all workspaces; of one workspace. */
  webhookUrlCharactersMax: 2_048,
  webhookNamesMax: 100,
  webhooksMax: 1_000,
  workspaceWebhooksMax: 20,
  /** Days, calls and rows of one report on use. */
  reportDaysMax: 92,
  reportCallsMax: 200_000,
  reportRowsMax: 1_000,
  /** Requests that a rate limit counts or lets burst. */
  rateRequestsMax: 1_000_000_000,
} as const;

/** The named bounds as a type, so that a client without this package at run time is held to the same values. */
export type Limits = typeof limits;
