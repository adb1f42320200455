/**
 * Owns the numbers of documents: sequential by issuer and kind, without a gap.
 *
 * N1 a document has one number for ever, whoever asks for it and how often: what was interrupted is simply done again. N2 a number
 * is the next after the highest, by compare-and-set on the table's key, so that two nodes never give the same one. N3 none is
 * given to a document that may come to nothing: an invoice's draft is durable before, and cannot but be issued; a credit note
 * gets its number when it is durable.
 */
import type { Issuer } from "@cistern/contract";
import type { Pool } from "pg";
import { rowsOf } from "../database/index.ts";
import { readNumberSql, readNumbersSql, takeNumberSql } from "./statements.ts";

/** What is numbered, each in a series of its own. */
export type NumberedKind = "invoice" | "credit_note";

/** A document, by its id in its workspace. */
export interface NumberedDocument {
  readonly kind: NumberedKind;
  readonly workspaceId: string;
  readonly document: string;
}

/** Gives out numbers. Every method rejects with `DatabaseFault`. */
export interface Numbers {
  /**
   * The document's number: the one that it has, or the next.
   *
   * @example await numbers.of({ kind: "invoice", workspaceId: "acme", document: "inv_…" }, issuer) // "INV-000001"
   */
  of(
    document: NumberedDocument,
    issuer: Pick<Issuer, "invoicePrefix" | "creditNotePrefix">,
  ): Promise<string>;
  /** The numbers that documents have already, by document. */
  known(
    kind: NumberedKind,
    workspaceId: string,
    documents: readonly string[],
  ): Promise<ReadonlyMap<string, string>>;
}

/** There is one issuer yet; the tables are keyed by it. */
export const theIssuer = "default";

/** The number is filled up to so many digits; a longer one is not cut. */
const digitsMin = 6;
const triesMax = 1_000;

/** Numbers in a database that has `billingMigrations`. */
export function createNumbers(pool: Pool): Numbers {
  // One after the other within a node: against itself it would lose every race but one.
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(take: () => Promise<T>): Promise<T> => {
    const taken = last.then(take, take);
    last = taken;
    return taken;
  };
  const query = rowsOf(pool);
  const numbers = async (sql: string, values: readonly unknown[]) =>
    await query<{ printed: string; document_id: string }>("Taking a number", sql, values);
  return {
    async of({ kind, workspaceId, document }, issuer) {
      const key = [theIssuer, kind, workspaceId, document];
      const [known] = await numbers(readNumberSql, key);
      if (known !== undefined) return known.printed;
      const prefix = kind === "invoice" ? issuer.invoicePrefix : issuer.creditNotePrefix;
      return await inTurn(async () => {
        for (let tries = 0; tries < triesMax; tries += 1) {
          const [taken] = await numbers(takeNumberSql, [...key, prefix, digitsMin]);
          if (taken !== undefined) return taken.printed;
          const [other] = await numbers(readNumberSql, key);
          if (other !== undefined) return other.printed;
        }
        throw new Error(`Another node was faster ${triesMax} times: no number for ${document}.`);
      });
    },
    async known(kind, workspaceId, documents) {
      if (documents.length === 0) return new Map();
      const rows = await numbers(readNumbersSql, [theIssuer, kind, workspaceId, documents]);
      return new Map(rows.map((row) => [row.document_id, row.printed]));
    },
  };
}
