/** Owns the steps that lives have in common: time that passes, and payments that the node asks for by itself. */
import type { WorkspaceClient } from "@cistern/client";
import type { TopUp } from "@cistern/contract";
import type { TestCistern } from "../../src/index.ts";

export const usd = (amount: string) => ({ amount, currency: "USD" });

export const later = (cistern: TestCistern, days: number): Promise<void> =>
  cistern.advanceTo(new Date(Date.parse(cistern.now()) + days * 86_400_000).toISOString());

/** A top-up's payment is asked for by the node itself. */
export const isProcessing = (acme: WorkspaceClient, id: string): Promise<TopUp> =>
  processing(acme, (one) => one.id === id);

/** Waits for the first such top-up that is. */
export async function processing(
  acme: WorkspaceClient,
  isIt: (one: TopUp) => boolean,
): Promise<TopUp> {
  for (;;) {
    const { data } = await acme.topUps.list();
    const found = data.find((one) => one.status === "processing" && isIt(one));
    if (found !== undefined) return found;
    await new Promise((next) => setTimeout(next, 5));
  }
}
