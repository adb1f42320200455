/** Owns how alerts and their rules are told. */
import {
  type Alert as AlertAnswer,
  type AlertFinding as FindingAnswer,
  type AlertRule as RuleAnswer,
  type AlertWatch as WatchAnswer,
  printCredits,
  printInstant,
} from "@cistern/contract";
import type {
  Alert,
  AlertFinding,
  AlertRule,
  AlertSubject,
  AlertVerdict,
  AlertWatch,
  Position,
} from "@cistern/kernel";

/** A rule as it stands. */
export function alertRuleBody({ id, watch, recipients }: AlertRule, at: Position): RuleAnswer {
  return {
    id,
    watch: watchBody(watch),
    recipients: recipients.map(({ id: recipient, quiet }) => ({
      id: recipient,
      ...(quiet === null
        ? {}
        : { quiet: { from: timeOfDay(quiet.from), until: timeOfDay(quiet.until) } }),
    })),
    at,
  };
}

/** An alert, with its finding in numbers and as a sentence. */
export function alertBody(alert: Alert, at: Position, verdict?: AlertVerdict): AlertAnswer {
  const { id, rule, subject, finding, grade, to, raisedAt } = alert;
  return {
    id,
    rule,
    subject,
    finding: findingBody(finding),
    text: sentenceOf(subject, finding),
    grade,
    to: to.map(({ recipient, deliverAfter }) => ({
      recipient,
      ...(deliverAfter === null ? {} : { deliverAfter: printInstant(deliverAfter) }),
    })),
    raisedAt: printInstant(raisedAt),
    ...(verdict === undefined ? {} : { verdict }),
    at,
  };
}

function watchBody(watch: AlertWatch): WatchAnswer {
  switch (watch.kind) {
    case "pool":
    case "forecast":
    case "unusual":
      return watch;
    case "group":
    case "member":
    case "run": {
      const { kind, id, percents } = watch;
      return { kind, percents, ...(id === null ? {} : { id }) };
    }
  }
}

function findingBody(finding: AlertFinding): FindingAnswer {
  switch (finding.kind) {
    case "threshold": {
      const { kind, percent, limit } = finding;
      const used = printCredits(finding.used);
      const of = printCredits(finding.of);
      return { kind, percent, used, of, ...(limit === null ? {} : { limit }) };
    }
    case "forecast":
      return {
        kind: finding.kind,
        left: printCredits(finding.left),
        pacePerDay: printCredits(finding.pace),
        emptyAt: printInstant(finding.emptyAt),
        periodEndsAt: printInstant(finding.periodEndsAt),
      };
    case "unusual": {
      const { kind, rule, bound, score, signs } = finding;
      return {
        kind,
        rule,
        seen: printCredits(finding.seen),
        usual: printCredits(finding.usual),
        ...(bound === null ? {} : { bound: printCredits(bound) }),
        ...(score === null ? {} : { score: decimal(score) }),
        signs,
      };
    }
  }
}

function sentenceOf(subject: AlertSubject, finding: AlertFinding): string {
  const who = subject.kind === "workspace" ? "The workspace" : `The ${subject.kind} ${subject.id}`;
  switch (finding.kind) {
    case "threshold": {
      const { percent, used, of, limit } = finding;
      const whole = subject.kind === "run" ? "of its limit" : "of the pool";
      const what = limit === null ? whole : `of the limit ${limit}`;
      return `${who} has used ${printCredits(used)} of ${printCredits(of)} credits ${what}: ${percent} % or more.`;
    }
    case "forecast": {
      const { left, pace, emptyAt, periodEndsAt } = finding;
      return `At ${printCredits(pace)} credits a day the ${printCredits(left)} that are left end on ${printInstant(emptyAt)}; the period ends on ${printInstant(periodEndsAt)}.`;
    }
    case "unusual":
      return `${who} ${unusual(finding)}${signsOf(finding.signs)}`;
  }
}

function unusual(finding: Extract<AlertFinding, { readonly kind: "unusual" }>): string {
  const seen = printCredits(finding.seen);
  const usual = printCredits(finding.usual);
  const bound = finding.bound === null ? usual : printCredits(finding.bound);
  switch (finding.rule) {
    case "pace":
      return `used ${seen} credits in an hour, where ${usual} are usual: hours in a row that are too high.`;
    case "day":
      return `used ${seen} credits in 24 hours; nine of ten of its active days stay below ${usual}, and three times that is the bound.`;
    case "newcomer":
      return `is new and used ${seen} credits in 24 hours; 99 of 100 days of newcomers stay below ${bound}.`;
    case "key":
      return `used ${seen} credits in 24 hours, and not as it does.`;
    case "joins":
      return `has new members that used ${seen} credits in 24 hours, where ${usual} are usual for all: many at once.`;
    case "sponsor":
      return `has many new members that act for it without a seat; they used ${seen} credits.`;
    case "short_lived":
      return `had members that came, used ${seen} credits and went within days.`;
  }
}

function signsOf(signs: readonly (keyof typeof signWords)[]): string {
  if (signs.length === 0) return "";
  return ` Beside it: ${signs.map((sign) => signWords[sign]).join("; ")}.`;
}

const signWords = {
  network: "a network that it never used before",
  concurrency: "far more calls at once than usual",
  model: "models that it never used before",
  round_the_clock: "use around the clock",
  no_new_members: "no more members than usual",
} as const;

const decimal = (thousandths: number): string => String(thousandths / 1_000);

const timeOfDay = (minutes: number): string =>
  `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
