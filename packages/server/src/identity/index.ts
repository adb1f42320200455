export { createApiKeys } from "./api-keys.ts";
export type { ApiKeys, ApiKeysOptions, KeyMade, NewKey } from "./api-keys.ts";
export { identityMigrations } from "./migrations.ts";
export { createNames } from "./names.ts";
export type { Named, Names } from "./names.ts";
export { createPolicyTexts } from "./policy-texts.ts";
export type { PolicyTexts } from "./policy-texts.ts";
export type { StoredKey } from "./stored-key.ts";
