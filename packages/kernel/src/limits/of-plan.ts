const prefix = "plan:";

/** The id of a plan's limit, by the name that the plan gives it. */
export const planLimitId = (name: string): string => `${prefix}${name}`;

/** Whether an id is kept for limits of plans: a workspace can set none that is called so. */
export const isOfPlan = (id: string): boolean => id.startsWith(prefix);
