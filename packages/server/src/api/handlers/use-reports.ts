import { limits, printInstant } from "@cistern/contract";
import {
  type Instant,
  type RateCard,
  type State,
  cardInForce,
  findPrice,
  rate,
  workspaceOf,
} from "@cistern/kernel";
import { amountText, daysBetween, daysOfSpan, isDay } from "../../books/index.ts";
import {
  Inefficiency,
  type Priced,
  hintId,
  idleSeats,
  powerUsers,
  shortageCodes,
  usersOfSeats,
} from "../../insights/index.ts";
import type { ReportDay } from "../../projections/index.ts";
import { idleSeatBody, inefficiencyBody, powerUserBody } from "../answers/use-report.ts";
import type { HandlersOf } from "../calls/call.ts";
import { ask } from "../calls/carry-out.ts";
import { reportsInTurn } from "../calls/in-turn.ts";
import { pageOfReport } from "../calls/pages.ts";
import type { ApiParts } from "../parts.ts";
import { InvalidField } from "../problems/invalid-field.ts";

/** How far back it is looked for the last use of a seat. */
const lastUseMs = 366 * 24 * 60 * 60 * 1_000;
const idleDaysDefault = 30;

/** Reports on use: who needs more, which seats are idle, where credits go for little. */
export function useReportHandlers({
  engine,
  useReports,
  rateCards,
  catalog,
}: ApiParts): HandlersOf<"getPowerUsers" | "getIdleSeats" | "getInefficiency"> {
  const inTurn = reportsInTurn(engine);
  const daysIn = async (workspaceId: string, { from, to }: Span) => {
    checkSpan({ from, to });
    const answer = await ask(engine, workspaceId, (state: State, now: Instant) => ({
      timeZone: workspaceOf(state)?.timeZone ?? "UTC",
      card: cardInForce(state, rateCards(now)),
    }));
    if (answer.kind === "refused") return answer;
    const { timeZone, card } = answer.value;
    return { kind: "days" as const, days: daysOfSpan(from, to, timeZone), card };
  };

  return {
    async getPowerUsers({ params: { workspace: workspaceId }, query }) {
      const asked = await daysIn(workspaceId, query);
      if (asked.kind === "refused") return asked;
      return await inTurn(workspaceId, async () => {
        const { days } = asked;
        const refused = await useReports.refusedByDay(workspaceId, days, shortageCodes);
        const members = [...new Set(refused.map(({ member }) => member))];
        const used = await useReports.usedByDay(workspaceId, days, members);
        const { from, to } = query;
        const { rows, ...next } = pageOfReport(
          powerUsers(refused, used),
          query,
          ({ member }) => member,
        );
        const body = { from, to, data: rows.map(powerUserBody), ...next };
        return { kind: "done" as const, status: 200 as const, body };
      });
    },

    async getIdleSeats({ params: { workspace: workspaceId }, query }) {
      const answer = await ask(engine, workspaceId, (state: State, now: Instant) => {
        const held = [...state.seats.seats.values()];
        return {
          now,
          live: state.subscriptions.live.row,
          held,
          users: usersOfSeats(held, state.members.sponsored),
          currency: workspaceOf(state)?.currency ?? "",
        };
      });
      if (answer.kind === "refused") return answer;
      const { now, live, held, users, currency } = answer.value;
      const { days = idleDaysDefault } = query;
      const head = { days, asOf: printInstant(now), paid: live?.seats ?? 0, assigned: held.length };
      if (live === undefined || live.plan.seats === null) {
        const none = { ...head, idle: 0, saving: amountText(0n, currency), currency, data: [] };
        return { kind: "done", status: 200, body: none };
      }
      const { plan, seats: paid } = live;
      return await inTurn(workspaceId, async () => {
        const from = Math.max(0, now - lastUseMs);
        const uses = await useReports.lastUsed(workspaceId, from, [...users.keys()]);
        const lastUsed = new Map<string, number>();
        for (const [user, at] of uses) {
          const holder = users.get(user) ?? user;
          lastUsed.set(holder, Math.max(at, lastUsed.get(holder) ?? 0));
        }
        const found = idleSeats(plan, paid, held, { lastUsed, now, days });
        const { rows, ...next } = pageOfReport(found.seats, query, ({ member }) => member);
        const body = {
          ...head,
          plan: plan.name,
          idle: found.seats.length,
          saving: amountText(found.saving, currency),
          currency,
          data: rows.map((one) => idleSeatBody(one, { fee: found.fee, currency, plan: plan.name })),
          ...next,
        };
        return { kind: "done" as const, status: 200 as const, body };
      });
    },

    async getInefficiency({ params: { workspace: workspaceId }, query }) {
      const asked = await daysIn(workspaceId, query);
      if (asked.kind === "refused") return asked;
      return await inTurn(workspaceId, async () => {
        const { days, card } = asked;
        const span = spanOf(days);
        const models = await useReports.modelsUsed(workspaceId, span);
        const fold = new Inefficiency(pricedBy(card, models, catalog.meters()));
        let calls = 0;
        for await (const page of useReports.calls(workspaceId, span)) {
          for (const call of page) {
            if (!call.isPart) calls += 1;
            fold.add(call);
          }
          if (calls > limits.reportCallsMax)
            throw new InvalidField(
              "/to",
              `The span has more than ${limits.reportCallsMax} calls. Ask for fewer days.`,
            );
        }
        const { from, to } = query;
        const { rows, ...next } = pageOfReport(fold.hints(), query, hintId);
        const body = { from, to, calls, data: rows.map(inefficiencyBody), ...next };
        return { kind: "done" as const, status: 200 as const, body };
      });
    },
  };
}

interface Span {
  readonly from: string;
  readonly to: string;
}

function checkSpan({ from, to }: Span): void {
  for (const [field, day] of [
    ["from", from],
    ["to", to],
  ] as const)
    if (!isDay(day)) throw new InvalidField(`/${field}`, `${day} is no day of the calendar.`);
  if (to < from) throw new InvalidField("/to", `is before ${from}.`);
  const days = daysBetween(from, to) + 1;
  if (days > limits.reportDaysMax)
    throw new InvalidField(
      "/to",
      `ends a span of ${days} days; a report has at most ${limits.reportDaysMax}.`,
    );
}

const spanOf = (days: readonly ReportDay[]): Pick<ReportDay, "start" | "end"> => ({
  start: days[0]?.start ?? 0,
  end: days.at(-1)?.end ?? 0,
});

/** A small call with a short answer, by which models are compared. */
const usualCall = { input_text: 1_000, output_text: 200 };

function pricedBy(
  card: RateCard,
  used: readonly { readonly meter: string; readonly model: string }[],
  meters: ReadonlyMap<string, { readonly buckets: readonly string[] }>,
): Priced {
  const cost: Priced["cost"] = (meter, model, usage) => {
    const found = findPrice(card, { meter, model, attributes: null });
    return found.kind === "price" ? rate(found.price, usage) : undefined;
  };
  const cheapest = new Map<string, { readonly model: string; readonly credits: bigint }>();
  for (const { meter, model } of used) {
    const credits = cost(meter, model, usualCall);
    const before = cheapest.get(meter);
    if (credits !== undefined && (before === undefined || credits < before.credits))
      cheapest.set(meter, { model, credits });
  }
  return {
    cost,
    cheapest: (meter) => cheapest.get(meter)?.model,
    hasCache: (meter) => meters.get(meter)?.buckets.includes("cache_read") ?? false,
  };
}
