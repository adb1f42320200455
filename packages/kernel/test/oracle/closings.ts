/** Which months are closed, as plain as can be. */
import type { Workspace } from "@cistern/kernel";
import { type Verdict, accepted, no } from "./verdict.ts";

/** Closed months, and what may be dated back. */
export class Closings {
  readonly closed: { month: string; end: number }[] = [];

  isClosed(at: number, { createdAt }: Workspace): boolean {
    const end = this.closed.at(-1)?.end ?? 0;
    return Math.max(at, createdAt) < end;
  }

  close(month: string, { createdAt, timeZone }: Workspace, at: number): Verdict {
    const created = Temporal.Instant.fromEpochMilliseconds(createdAt).toZonedDateTimeISO(timeZone);
    const first = created.toPlainDate().toPlainYearMonth();
    const asked = Temporal.PlainYearMonth.from(month);
    if (Temporal.PlainYearMonth.compare(asked, first) < 0) return no("invalid_request");
    const last = this.closed.at(-1);
    const next = last === undefined ? first : Temporal.PlainYearMonth.from(last.month).add("P1M");
    if (Temporal.PlainYearMonth.compare(asked, next) < 0) return no("period_closed");
    if (!asked.equals(next)) return no("invalid_request");
    const after = asked.add("P1M").toPlainDate({ day: 1 }).toZonedDateTime(timeZone);
    if (at < after.epochMilliseconds) return no("invalid_request");
    this.closed.push({ month, end: after.epochMilliseconds });
    return accepted;
  }
}
