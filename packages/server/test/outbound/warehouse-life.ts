/** A few days of two workspaces with every kind of usage, and what the API says of them. */
import type {
  CloudEvent,
  EventPage,
  LedgerEntry,
  LedgerPage,
  UsagePage,
  UsageRow,
} from "@cistern/contract";
import { type TestCistern, createTestCistern } from "../../src/index.ts";
import { type FreshDatabase, freshDatabase } from "../fresh-database.ts";

/** A Cistern that has lived. */
export interface Life {
  readonly database: FreshDatabase;
  readonly cistern: TestCistern;
}

/** The workspaces of every life: an id may have all of these signs. */
export const workspaces = ["acme", "b.eta:1@x"] as const;

type After = { after(end: () => Promise<void>): void };

/** From 27 to 29 November, and one call that is told two days late. */
export async function warehouseLife(t: After): Promise<Life> {
  const database = await freshDatabase();
  const now = "2026-11-27T22:00:00Z";
  const cistern = await createTestCistern({ now, databaseUrl: database.url });
  t.after(() => cistern.close());
  for (const id of workspaces) await begin(cistern, id);
  await cistern.advanceTo("2026-11-28T09:00:00Z");
  for (const id of workspaces) await work(cistern, id);
  await cistern.advanceTo("2026-11-29T00:00:00Z");
  for (const id of workspaces) await cistern.workspace(id).debit({ member: "bo", credits: "0.5" });
  return { database, cistern };
}

async function begin(cistern: TestCistern, id: string): Promise<void> {
  const overage = { kind: "debt", limit: "100" } as const;
  await cistern.createWorkspace({ id, currency: "EUR", overage });
  const workspace = cistern.workspace(id);
  await workspace.grant({
    credits: "200.000003",
    source: "purchase",
    cost: { amount: "777", currency: "EUR" },
  });
  await cistern.put(`/v1/workspaces/${id}/members/ana`, { kind: "person", groups: [] });
  await cistern.put(`/v1/workspaces/${id}/groups/growth`, { name: "Growth" });
  await cistern.put(`/v1/workspaces/${id}/members/bo`, { kind: "person", groups: ["growth"] });
}

async function work(cistern: TestCistern, id: string): Promise<void> {
  const workspace = cistern.workspace(id);
  const path = `/v1/workspaces/${id}`;
  const chat = await cistern.post<{ id: string }>(`${path}/holds`, {
    member: "ana",
    meter: "chat",
    model: "gpt-5",
    estimate: { input_text: 120_000, output_text: 80_000 },
    attributes: { feature: `it's "quoted"` },
  });
  await cistern.post(`${path}/holds/${chat.id}/settle`, {
    usage: { input_text: 118_013, output_text: 51_217 },
  });
  const parts = await workspace.authorize({ member: "bo", credits: "40" });
  await cistern.post(`${path}/holds/${parts.id}/settle`, { credits: "3", final: false, part: 1 });
  await cistern.post(`${path}/holds/${parts.id}/settle`, { credits: "7.25" });
  await cistern.post(`${path}/refunds`, { of: parts.id, credits: "1.5", reason: "failed" });
  const given = await cistern.post<{ id: string }>(`${path}/holds`, { member: "bo", credits: "5" });
  await cistern.post(`${path}/holds/${given.id}/release`);
  await workspace.debit({ member: "ana", credits: "260.000001" });
  await workspace.grant({ credits: "30", source: "promotion" });
}

/** Usage that happened on 27 November and is told now. */
export const tellLate = ({ cistern }: Life): Promise<unknown> =>
  cistern
    .workspace("acme")
    .debit({ member: "ana", credits: "2.125", occurredAt: "2026-11-27T23:30:00Z" });

/** All usage that the API tells of a workspace. */
export const usageOf = (cistern: TestCistern, id: string): Promise<readonly UsageRow[]> =>
  pages((after) => cistern.get<UsagePage>(`/v1/workspaces/${id}/usage?limit=10${after}`));

/** All its entries. */
export const ledgerOf = (cistern: TestCistern, id: string): Promise<readonly LedgerEntry[]> =>
  pages((after) => cistern.get<LedgerPage>(`/v1/workspaces/${id}/ledger?limit=10${after}`));

/** All its events. */
export async function eventsOf(cistern: TestCistern, id: string): Promise<readonly CloudEvent[]> {
  const { data } = await cistern.get<EventPage>(`/v1/workspaces/${id}/events?limit=100`);
  return data;
}

async function pages<Row>(
  read: (after: string) => Promise<{ readonly data: readonly Row[]; readonly nextCursor?: string }>,
): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (let after = ""; ;) {
    const { data, nextCursor } = await read(after);
    rows.push(...data);
    if (nextCursor === undefined) return rows;
    after = `&cursor=${nextCursor}`;
  }
}
