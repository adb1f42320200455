/** What the examples share: a Cistern whose clock they move, and how they tell what it answers. The stories are in the other files. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CisternProblem, type WorkspaceClient } from "@cistern/client";
import type { Invoice, Money, SubscriptionChange } from "@cistern/contract";
import { type CatalogSource, type TestCistern, createTestCistern } from "cistern";

/** A workspace called acme in US dollars, at an instant. */
export class Story {
  readonly cistern: TestCistern;
  readonly acme: WorkspaceClient;
  readonly #title: string;
  readonly #told = new Set<string>();

  /** Begins a story. `DATABASE_URL` saves starting a PostgreSQL for it. */
  static async begin(title: string, now: string, catalog: CatalogSource): Promise<Story> {
    const databaseUrl = process.env["DATABASE_URL"];
    const cistern = await createTestCistern({ catalog, now, databaseUrl });
    await cistern.createWorkspace({ id: "acme", currency: "USD" });
    console.log(`# ${title}`);
    return new Story(title, cistern);
  }

  private constructor(title: string, cistern: TestCistern) {
    this.cistern = cistern;
    this.acme = cistern.workspace("acme");
    this.#title = title;
  }

  /** Moves the clock on. */
  async until(instant: string, why: string): Promise<void> {
    await this.cistern.advanceTo(instant);
    console.log(`\n## ${instant.slice(0, 16).replace("T", " ")}  ${why}\n`);
  }

  say(text: string): void {
    console.log(text);
  }

  /** Waits for a call that is to be refused, and tells why it was. */
  async refused(what: string, call: Promise<unknown>): Promise<void> {
    try {
      await call;
    } catch (error) {
      if (!(error instanceof CisternProblem)) throw error;
      console.log(`${what}: REFUSED ${error.status} ${error.code}\n    ${error.problem.detail}`);
      return;
    }
    throw new Error(`${what} was not refused.`);
  }

  /** What a change of the subscription comes to. */
  change(what: string, { amount, credits, lines, subscription }: SubscriptionChange): void {
    const { plan, seats, status, next } = subscription;
    const on = seats === 0 ? plan : `${plan} of ${seats} seats`;
    console.log(`${what}: ${print(amount)}, ${credits} credits; ${on}, ${status}`);
    for (const line of lines) console.log(`    ${line.kind} ${line.about}: ${print(line.amount)}`);
    if (next !== undefined)
      console.log(
        `    from the next period on: ${next.plan}${next.seats === 0 ? "" : ` of ${next.seats} seats`}`,
      );
  }

  /** What is in the pool, lot by lot in the order in which they burn. */
  async pool(): Promise<void> {
    const { available, debt, lots } = await this.acme.balance();
    console.log(`Pool: ${available} credits${debt === "0" ? "" : `, ${debt} owed`}`);
    for (const { source, available: left, granted, expiresAt } of lots)
      console.log(
        `    ${source}: ${left} of ${granted}, ${expiresAt === undefined ? "never expires" : `until ${expiresAt.slice(0, 10)}`}`,
      );
  }

  /** Every invoice that was issued and not told yet. */
  async invoices(): Promise<void> {
    const { data } = await this.acme.invoices.list();
    for (const { id, status } of data) {
      if (status === "draft" || this.#told.has(id)) continue;
      this.#told.add(id);
      this.#invoice(await this.acme.invoices.get(id));
    }
  }

  #invoice(invoice: Invoice): void {
    const { number, issuedAt, lines, tax, taxRate, total, balanceApplied, due } = invoice;
    const row = (name: string, text: string): void =>
      console.log(`    ${name.padEnd(44)}${text.padStart(13)}`.trimEnd());
    console.log(`Invoice ${number}, issued ${issuedAt?.slice(0, 16).replace("T", " ")}`);
    for (const { description, arithmetic, amount, from, to } of lines) {
      row(description, print(amount));
      console.log(`        ${from.slice(0, 10)} to ${to.slice(0, 10)}: ${arithmetic}`);
    }
    for (const { meter = "no meter", calls, credits, worth } of invoice.creditsDrawn)
      row(`${credits} credits used, ${meter}, calls: ${calls}`, `(${print(worth)})`);
    if (taxRate !== undefined) row(`${taxRate.name} ${taxRate.basisPoints / 100} %`, print(tax));
    row("Total", print(total));
    if (balanceApplied.amount.startsWith("-")) row("To the balance", print(minus(balanceApplied)));
    else if (balanceApplied.amount !== "0") row("From the balance", print(balanceApplied));
    row("Due", print(due));
  }

  /** Closes a month, and tells the trial balance of its end in money. */
  async books(month: string): Promise<void> {
    await this.cistern.books.close({ month });
    const { data } = await this.cistern.books.trialBalance({ month });
    let sum = 0n;
    console.log(`Books at the end of ${month}, which is closed now (debit above zero)`);
    for (const { account, commodity, closing } of data) {
      if (commodity === "CREDIT") continue;
      sum += BigInt(closing.replace(".", ""));
      if (/^0\.?0*$/.test(closing)) continue;
      console.log(`    ${account.padEnd(44)}${closing.padStart(13)}`);
    }
    console.log(`    ${"Sum".padEnd(44)}${cents(sum).padStart(13)}`);
  }

  /** Ends the story. With `BOOKS`, a folder, its books are left there as hledger and beancount read them. */
  async end(): Promise<void> {
    const folder = process.env["BOOKS"];
    if (folder !== undefined) {
      await mkdir(folder, { recursive: true });
      const name = this.#title.split(":", 1)[0]?.toLowerCase().replaceAll(" ", "-") ?? "";
      for (const format of ["hledger", "beancount"] as const)
        await writeFile(join(folder, `${name}.${format}`), await this.cistern.exportBooks(format));
    }
    await this.cistern.close();
  }
}

const minus = ({ amount, currency }: Money): Money => ({
  amount: `${-BigInt(amount)}`,
  currency,
});

/** Money for people. */
export const print = ({ amount, currency }: Money): string =>
  `${cents(BigInt(amount))} ${currency}`;

function cents(amount: bigint): string {
  const digits = (amount < 0n ? -amount : amount).toString().padStart(3, "0");
  return `${amount < 0n ? "-" : ""}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
