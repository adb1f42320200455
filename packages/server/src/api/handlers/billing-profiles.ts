import type { IssuerRequest } from "@cistern/contract";
import type { HandlersOf } from "../calls/call.ts";
import { ask } from "../calls/carry-out.ts";
import { ofOperator } from "../calls/of-operator.ts";
import type { ApiParts } from "../parts.ts";

const defaults = { termsDays: 30, invoicePrefix: "INV-", creditNotePrefix: "CN-" };

/** What invoices are made with: a workspace's profile, and who sends them. */
export function billingProfileHandlers({
  engine,
  billing: { profiles },
}: ApiParts): HandlersOf<
  "getBillingProfile" | "putBillingProfile" | "eraseBillingCustomer" | "getIssuer" | "putIssuer"
> {
  const profile = async (workspaceId: string, before: () => Promise<void>) => {
    const known = await ask(engine, workspaceId, () => true);
    if (known.kind === "refused") return known;
    await before();
    return { kind: "done", status: 200, body: await profiles.read(workspaceId) } as const;
  };
  return {
    getBillingProfile: ({ params: { workspace } }) => profile(workspace, async () => {}),
    putBillingProfile: ({ params: { workspace }, body }) =>
      profile(workspace, () =>
        profiles.put(workspace, { ...body, termsDays: body.termsDays ?? defaults.termsDays }),
      ),
    eraseBillingCustomer: ({ params: { workspace } }) =>
      profile(workspace, () => profiles.erase(workspace)),

    async getIssuer({ caller }) {
      if (caller?.workspace !== undefined) return ofOperator(caller, "the issuer takes");
      return { kind: "done", status: 200, body: await profiles.issuer() };
    },
    async putIssuer({ body, caller }) {
      if (caller?.workspace !== undefined) return ofOperator(caller, "the issuer takes");
      await profiles.putIssuer(issuerOf(body));
      return { kind: "done", status: 200, body: await profiles.issuer() };
    },
  };
}

const issuerOf = ({ invoicePrefix, creditNotePrefix, ...party }: IssuerRequest) => ({
  ...party,
  invoicePrefix: invoicePrefix ?? defaults.invoicePrefix,
  creditNotePrefix: creditNotePrefix ?? defaults.creditNotePrefix,
});
