import { type AlertRule, type RaiseAlert, credits } from "@cistern/kernel";
import { after, scenarios } from "./check.ts";
import { group, hour, minute, noon } from "./commands.ts";

const ana = { id: "ana", quiet: null };
const low: AlertRule = {
  id: "low",
  watch: { kind: "pool", percents: [50, 100] },
  recipients: [ana],
};
const put = (changes: Partial<AlertRule> = {}) =>
  ({ kind: "putAlertRule", rule: { ...low, ...changes } }) as const;

const unusual = {
  kind: "unusual",
  rule: "day",
  seen: credits(400n),
  usual: credits(100n),
  bound: credits(300n),
  score: null,
  signs: [],
} as const;

const raise = (changes: Partial<RaiseAlert> = {}): RaiseAlert => ({
  kind: "raiseAlert",
  alert: "alt_1",
  rule: "low",
  crossing: "low:pool:1.0:50",
  subject: { kind: "workspace", id: "acme" },
  finding: { kind: "threshold", percent: 50, used: credits(50n), of: credits(100n), limit: null },
  grade: "notify",
  ...changes,
});

const invalid = (field: string, reason: string) => ({
  rejected: { code: "invalid_request", field, reason } as const,
});

scenarios("an alert rule is set, or refused in this order", [
  {
    name: "a hundred and first rule stands above what is wrong with it",
    given: Array.from({ length: 100 }, (_, index) => put({ id: `r${index}` })),
    when: put({ id: "more", watch: { kind: "pool", percents: [] } }),
    expect: invalid("rule", "A workspace has at most 100 alert rules."),
  },
  {
    name: "one that stands may be changed among a hundred",
    given: Array.from({ length: 100 }, (_, index) => put({ id: `r${index}` })),
    when: put({ id: "r7", watch: { kind: "forecast" } }),
    expect: {
      event: {
        kind: "alert_rule.updated",
        rule: { ...low, id: "r7", watch: { kind: "forecast" } },
      },
    },
  },
  {
    name: "without thresholds",
    when: put({ watch: { kind: "pool", percents: [] } }),
    expect: invalid("percents", "A rule has 1 to 10 thresholds."),
  },
  {
    name: "with a threshold of more than all",
    when: put({ watch: { kind: "member", id: null, percents: [101] } }),
    expect: invalid("percents", "A threshold is a whole number of percent, 1 to 100."),
  },
  {
    name: "with a threshold twice",
    when: put({ watch: { kind: "pool", percents: [50, 50] } }),
    expect: invalid("percents", "A threshold stands once in a rule."),
  },
  {
    name: "with nobody to tell",
    when: put({ recipients: [] }),
    expect: invalid("recipients", "A rule names at least one recipient: else nobody is ever told."),
  },
  {
    name: "with more recipients than 32",
    when: put({
      recipients: Array.from({ length: 33 }, (_, one) => ({ id: `m${one}`, quiet: null })),
    }),
    expect: invalid("recipients", "A rule has at most 32 recipients."),
  },
  {
    name: "with a recipient twice",
    when: put({ recipients: [ana, ana] }),
    expect: invalid("recipients", "A recipient stands once in a rule."),
  },
  {
    name: "with quiet hours past the day",
    when: put({ recipients: [{ id: "ana", quiet: { from: 0, until: 1_440 } }] }),
    expect: invalid("recipients", "Quiet hours are minutes of the day."),
  },
  {
    name: "unknown_group",
    when: put({ watch: { kind: "group", id: "red", percents: [50] } }),
    expect: { rejected: { code: "unknown_group", group: "red" } },
  },
  {
    name: "for a group that is there",
    given: [group("red")],
    when: put({ watch: { kind: "group", id: "red", percents: [50] } }),
    expect: { event: { kind: "alert_rule.updated" } },
  },
  {
    name: "unknown_alert_rule, where one that is gone is removed",
    given: [put(), { kind: "removeAlertRule", rule: "low" }],
    when: { kind: "removeAlertRule", rule: "low" },
    expect: { rejected: { code: "unknown_alert_rule", rule: "low" } },
  },
]);

const atNoon = (quiet: { from: number; until: number }) => [
  put({ recipients: [{ id: "ana", quiet }] }),
];
const delivered = (deliverAfter: number | null) => [{ recipient: "ana", deliverAfter }];
const toOf = (deliverAfter: number | null, raisedAt = noon) => {
  const { kind: _, alert: id, ...told } = raise();
  return { event: { alert: { ...told, id, to: delivered(deliverAfter), raisedAt } } };
};

scenarios("an alert says whom it is for, and from when on", [
  { name: "at once", given: [put()], when: raise(), expect: toOf(null) },
  {
    name: "after quiet hours that began this morning",
    given: atNoon({ from: 9 * 60, until: 13 * 60 + 30 }),
    when: raise(),
    expect: toOf(noon + 90 * minute),
  },
  {
    name: "at once in the minute in which they end",
    given: atNoon({ from: 9 * 60, until: 12 * 60 }),
    when: raise(),
    expect: toOf(null),
  },
  {
    name: "tomorrow, of a night that began this evening",
    given: atNoon({ from: 22 * 60, until: 7 * 60 }),
    when: after(11 * hour, raise()),
    expect: toOf(noon + 19 * hour, noon + 11 * hour),
  },
  {
    name: "this morning, of a night that began yesterday",
    given: atNoon({ from: 22 * 60, until: 7 * 60 }),
    when: after(15 * hour, raise()),
    expect: toOf(noon + 19 * hour, noon + 15 * hour),
  },
  {
    name: "a note is for nobody",
    given: [put()],
    when: raise({ grade: "note" }),
    expect: { event: { alert: { ...toOf(null).event.alert, grade: "note", to: [] } } },
  },
  {
    name: "of a rule that is gone there is none",
    when: raise(),
    expect: { rejected: { code: "unknown_alert_rule", rule: "low" } },
  },
]);

const odd = raise({ finding: unusual, subject: { kind: "member", id: "ana" } });

scenarios("an alert of unusual use waits for a review", [
  {
    name: "and is reviewed once",
    given: [put(), odd],
    when: { kind: "reviewAlert", alert: "alt_1", verdict: "fine" },
    expect: { event: { kind: "alert.reviewed", verdict: "fine" } },
  },
  {
    name: "unknown_alert, where it was reviewed",
    given: [put(), odd, { kind: "reviewAlert", alert: "alt_1", verdict: "confirmed" }],
    when: { kind: "reviewAlert", alert: "alt_1", verdict: "fine" },
    expect: { rejected: { code: "unknown_alert", alert: "alt_1" } },
  },
  {
    name: "unknown_alert, where it was one of a threshold",
    given: [put(), raise()],
    when: { kind: "reviewAlert", alert: "alt_1", verdict: "fine" },
    expect: { rejected: { code: "unknown_alert", alert: "alt_1" } },
  },
  {
    name: "also where its rule is gone",
    given: [put(), odd, { kind: "removeAlertRule", rule: "low" }],
    when: { kind: "reviewAlert", alert: "alt_1", verdict: "confirmed" },
    expect: { event: { kind: "alert.reviewed" } },
  },
  {
    name: "the oldest goes where a thousand wait",
    given: [
      put(),
      odd,
      ...Array.from({ length: 1_000 }, (_, one) => ({ ...odd, alert: `alt_2_${one}` })),
    ],
    when: { kind: "reviewAlert", alert: "alt_1", verdict: "fine" },
    expect: { rejected: { code: "unknown_alert", alert: "alt_1" } },
  },
]);
