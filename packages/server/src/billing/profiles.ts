/**
 * Owns who sends and who gets invoices, and on what terms. RULES 26: names and addresses never enter the journal; these are plain
 * tables, in which the customer's can be erased.
 *
 * P1 an invoice is issued with what was fixed for it first: who tries it again, on any node, takes the same tax and terms.
 */
import type { BillingProfile, Issuer as IssuerBody } from "@cistern/contract";
import type { Pool } from "pg";
import { rowsOf } from "../database/index.ts";
import { theIssuer } from "./numbers.ts";
import {
  eraseParticularsSql,
  eraseProfileSql,
  fixParticularsSql,
  putIssuerSql,
  putProfileSql,
  readIssuerSql,
  readParticularsSql,
  readProfileSql,
} from "./statements.ts";

/** Who sends invoices. Every field is there. */
export type Issuer = IssuerBody;

/** What an invoice is issued with. */
export interface Particulars extends BillingProfile {
  readonly issuer: Issuer;
  /** The workspace's, by which days are counted. */
  readonly timeZone: string;
}

/** Billing profiles of all workspaces. Every method rejects with `DatabaseFault`. */
export interface Profiles {
  issuer(): Promise<Issuer>;
  putIssuer(issuer: Issuer): Promise<void>;
  read(workspaceId: string): Promise<BillingProfile>;
  put(workspaceId: string, profile: BillingProfile): Promise<void>;
  /** Takes the customer's particulars out of the profile and of all that was issued. */
  erase(workspaceId: string): Promise<void>;
  /** P1. This profile, unless something was fixed for this document before; `isFirst` to one caller, of whichever node. */
  fix(
    workspaceId: string,
    document: string,
    now: { readonly profile: BillingProfile; readonly timeZone: string },
  ): Promise<{ readonly particulars: Particulars; readonly isFirst: boolean }>;
  /** What was fixed; undefined where nothing was. */
  fixed(workspaceId: string, document: string): Promise<Particulars | undefined>;
}

/** Who sends invoices while nobody said who does. */
const noIssuer: Issuer = { name: "", invoicePrefix: "INV-", creditNotePrefix: "CN-" };
const noProfile: BillingProfile = { termsDays: 30 };

/** Profiles in a database that has `billingMigrations`. */
export function createProfiles(pool: Pool): Profiles {
  const query = rowsOf(pool);

  const issuer = async (): Promise<Issuer> => {
    const [row] = await query<{ particulars: string }>("Reading the issuer", readIssuerSql, [
      theIssuer,
    ]);
    return row === undefined ? noIssuer : JSON.parse(row.particulars);
  };

  const read = async (workspaceId: string): Promise<BillingProfile> => {
    const [row] = await query<ProfileColumns>("Reading a billing profile", readProfileSql, [
      workspaceId,
    ]);
    return row === undefined ? noProfile : profileOf(row);
  };

  const fixed = async (workspaceId: string, document: string) => {
    const [row] = await query<ProfileColumns & { sent: string }>(
      "Reading what an invoice was issued with",
      readParticularsSql,
      [workspaceId, document],
    );
    if (row === undefined) return undefined;
    const sent: Pick<Particulars, "issuer" | "timeZone"> = JSON.parse(row.sent);
    return { ...profileOf(row), ...sent };
  };

  return {
    issuer,
    read,
    fixed,
    async putIssuer(sender) {
      await query("Keeping the issuer", putIssuerSql, [theIssuer, JSON.stringify(sender)]);
    },
    async put(workspaceId, profile) {
      await query("Keeping a billing profile", putProfileSql, [workspaceId, ...columnsOf(profile)]);
    },
    async erase(workspaceId) {
      await query("Erasing a billing profile", eraseProfileSql, [workspaceId]);
      await query("Erasing a billing profile", eraseParticularsSql, [workspaceId]);
    },
    async fix(workspaceId, document, { profile, timeZone }) {
      const before = await fixed(workspaceId, document);
      if (before !== undefined) return { particulars: before, isFirst: false };
      const [terms, customer] = columnsOf(profile);
      const sent = JSON.stringify({ issuer: await issuer(), timeZone });
      const put = await query("Fixing what an invoice is issued with", fixParticularsSql, [
        workspaceId,
        document,
        terms,
        sent,
        customer,
      ]);
      const now = await fixed(workspaceId, document);
      if (now === undefined) throw new Error(`Nothing was fixed for ${document}.`);
      return { particulars: now, isFirst: put.length > 0 };
    },
  };
}

/** What an invoice would lack. */
export interface MissingParticular {
  readonly code: "issuer_missing" | "customer_missing";
  readonly message: string;
}

/** Tells an operator what an invoice was issued without. */
export function incomplete(
  workspaceId: string,
  number: string,
  particulars: Particulars,
): readonly IncompleteLogEntry[] {
  return particularsMissing(particulars).map(({ message }) => ({
    level: "warn",
    code: "invoice_incomplete",
    workspaceId,
    message: `Invoice ${number} of ${workspaceId} was issued all the same. ${message}`,
  }));
}

/** What an operator is told of an invoice that was issued. */
export interface IncompleteLogEntry {
  readonly level: "warn";
  readonly code: "invoice_incomplete";
  readonly message: string;
  readonly workspaceId: string;
  readonly cause?: unknown;
}

/** What these particulars lack for an invoice that somebody can book: it is issued all the same. */
export function particularsMissing({
  issuer,
  customer,
}: Pick<Particulars, "issuer" | "customer">): readonly MissingParticular[] {
  const missing: MissingParticular[] = [];
  if (issuer.name === "")
    missing.push({
      code: "issuer_missing",
      message: "Nobody is set who sends it: put /v1/billing/issuer.",
    });
  if (customer === undefined)
    missing.push({
      code: "customer_missing",
      message: "Nobody is set who gets it: put the workspace's billing profile, with its customer.",
    });
  return missing;
}

interface ProfileColumns {
  readonly terms: string;
  readonly customer: string | null;
}

function columnsOf({ customer, ...terms }: BillingProfile): readonly [string, string | null] {
  return [JSON.stringify(terms), customer === undefined ? null : JSON.stringify(customer)];
}

function profileOf({ terms, customer }: ProfileColumns): BillingProfile {
  const kept: BillingProfile = JSON.parse(terms);
  if (customer === null) return kept;
  const whose: NonNullable<BillingProfile["customer"]> = JSON.parse(customer);
  return { ...kept, customer: whose };
}
