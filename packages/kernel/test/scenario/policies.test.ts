/** Acceptable use (A1 to A4): what policies refuse, whom they bind, and that usage which happened is none of their business. */
import { type OpenHold, type Rejection, instant } from "@cistern/kernel";
import { type Step, after, scenarios } from "./check.ts";
import {
  acceptPolicy,
  agent,
  deactivate,
  debit,
  extend,
  grant,
  group,
  hour,
  hours,
  limit,
  cap,
  member,
  minute,
  noon,
  open,
  part,
  policy,
  release,
  removePolicy,
  settle,
  update,
} from "./commands.ts";

const chat = { input_text: 1 };
const call = (given: Partial<OpenHold>): ReturnType<typeof open> => open("h", chat, given);
const begun: readonly Step[] = [
  grant("a", 1_000_000),
  group("red"),
  member("ana", { groups: ["red"] }),
];
const red = { kind: "group", id: "red" } as const;
const all = { kind: "workspace", id: "acme" } as const;

const against = (
  id: string,
  scope: typeof red | typeof all | { readonly kind: "member"; readonly id: string },
  kind: "meter" | "model",
  name: string | null,
  allowed: readonly string[],
): Rejection => ({
  code: "not_allowed",
  policy: id,
  scope,
  forbids: { kind, name, allowed },
  retryAt: null,
});

scenarios("meters and models", [
  {
    name: "a meter that a policy of the group does not list is refused, with the policy and what it allows named",
    given: [...begun, policy("p", "group red", { meters: ["chat", "sea*"] })],
    when: open("h", { images: 1 }, { meter: "image" }),
    expect: { rejected: against("p", red, "meter", "image", ["chat", "sea*"]) },
  },
  {
    name: "a name or a pattern that lists it lets it through",
    given: [...begun, policy("p", "group red", { meters: ["chat"], models: ["gpt-5*", "small"] })],
    when: call({ meter: "chat", model: "gpt-5-mini" }),
    expect: { event: { kind: "hold.opened" } },
  },
  {
    name: "a model that a policy of the member does not list is refused",
    given: [...begun, policy("p", "member ana", { models: ["small"] })],
    when: call({ meter: "chat", model: "gpt-5" }),
    expect: {
      rejected: against("p", { kind: "member", id: "ana" }, "model", "gpt-5", ["small"]),
    },
  },
  {
    name: "a policy of the workspace binds everybody, guests too",
    given: [...begun, policy("p", "workspace", { meters: ["search"] })],
    when: call({ member: "eve", meter: "chat" }),
    expect: { rejected: against("p", all, "meter", "chat", ["search"]) },
  },
  {
    name: "A1 each policy of the path must allow: what one lists the other still refuses",
    given: [
      ...begun,
      policy("a", "workspace", { meters: ["chat", "image"] }),
      policy("b", "group red", { meters: ["chat"] }),
    ],
    when: open("h", { images: 1 }, { meter: "image" }),
    expect: { rejected: against("b", red, "meter", "image", ["chat"]) },
  },
  {
    name: "of two that refuse the nearer one is named",
    given: [
      ...begun,
      policy("a", "workspace", { meters: [] }),
      policy("z", "member ana", { meters: ["search"] }),
    ],
    when: call({ meter: "chat" }),
    expect: { rejected: against("z", { kind: "member", id: "ana" }, "meter", "chat", ["search"]) },
  },
  {
    name: "an empty list allows nothing, where one that is left out allows all",
    given: [...begun, policy("p", "workspace", { meters: null, models: [] })],
    when: call({ meter: "chat", model: "small" }),
    expect: { rejected: against("p", all, "model", "small", []) },
  },
  {
    name: "what acts for a member is bound by its policies and those of its groups",
    given: [...begun, agent("bot", "ana"), policy("p", "group red", { meters: ["search"] })],
    when: call({ member: "bot", meter: "chat" }),
    expect: { rejected: against("p", red, "meter", "chat", ["search"]) },
  },
  {
    name: "and by those that are its sponsor's alone",
    given: [...begun, agent("bot", "ana"), policy("p", "member ana", { meters: ["search"] })],
    when: call({ member: "bot", meter: "chat" }),
    expect: {
      rejected: against("p", { kind: "member", id: "ana" }, "meter", "chat", ["search"]),
    },
  },
  {
    name: "what its own policy forbids an agent, its sponsor may do",
    given: [...begun, agent("bot", "ana"), policy("p", "member bot", { meters: ["search"] })],
    when: call({ member: "ana", meter: "chat" }),
    expect: { event: { kind: "hold.opened" } },
  },
  {
    name: "somebody of another group is not bound",
    given: [...begun, member("bob"), policy("p", "group red", { meters: ["search"] })],
    when: call({ member: "bob", meter: "chat" }),
    expect: { event: { kind: "hold.opened" } },
  },
  {
    name: "A3 a call that names no meter is closed by a list of meters",
    given: [...begun, policy("p", "workspace", { meters: ["chat"] })],
    when: open("h", 5),
    expect: { rejected: against("p", all, "meter", null, ["chat"]) },
  },
  {
    name: "A3 a call that names no model is closed by a list of models where prices tell models apart",
    given: [...begun, policy("p", "workspace", { models: ["small"] })],
    when: call({ meter: "chat" }),
    expect: { rejected: against("p", all, "model", null, ["small"]) },
  },
  {
    name: "A3 and is open where the meter has no models",
    given: [...begun, policy("p", "workspace", { models: ["small"] })],
    when: open("h", 1, { meter: "storage" }),
    expect: { event: { kind: "hold.opened" } },
  },
  {
    name: "a policy is by name: what no catalog knows may stand in it, and is then refused as unknown",
    given: [...begun, policy("p", "workspace", { meters: ["paint"] })],
    when: call({ meter: "paint" }),
    expect: { rejected: { code: "unknown_meter", meter: "paint" } },
  },
  {
    name: "it stands above unknown meters, and below an inactive member",
    given: [...begun, policy("p", "workspace", { meters: ["chat"] })],
    when: call({ meter: "paint" }),
    expect: { rejected: against("p", all, "meter", "paint", ["chat"]) },
  },
  {
    name: "member_inactive stands above it",
    given: [...begun, policy("p", "workspace", { meters: [] }), deactivate("ana")],
    when: call({ meter: "chat" }),
    expect: { rejected: { code: "member_inactive", member: "ana" } },
  },
  {
    name: "it stands above limits",
    given: [
      ...begun,
      policy("p", "workspace", { meters: [] }),
      limit("l", "workspace", cap(0, "day")),
    ],
    when: call({ meter: "chat" }),
    expect: { rejected: against("p", all, "meter", "chat", []) },
  },
  {
    name: "an extension is asked too, by the policies of now",
    given: [
      ...begun,
      open("h", 10, { meter: "chat", model: "small" }),
      policy("p", "group red", { meters: ["search"] }),
    ],
    when: extend("h", 5),
    expect: { rejected: against("p", red, "meter", "chat", ["search"]) },
  },
  {
    name: "a hold that is open settles: usage that happened is never refused",
    given: [
      ...begun,
      open("h", 10, { meter: "chat", model: "small" }),
      policy("p", "workspace", { meters: [], mustAccept: true, text: "1" }),
      part("h", 4),
    ],
    when: settle("h", 20),
    expect: { event: { kind: "hold.settled" } },
  },
  {
    name: "a debit is never refused",
    given: [...begun, policy("p", "workspace", { meters: [] })],
    when: debit("d", 5, { meter: "chat" }),
    expect: { event: { kind: "usage.debited" } },
  },
  {
    name: "a policy that is removed binds no more",
    given: [...begun, policy("p", "workspace", { meters: [] }), removePolicy("p")],
    when: call({ meter: "chat" }),
    expect: { event: { kind: "hold.opened" } },
  },
  {
    name: "one that moved to another node binds there alone",
    given: [
      ...begun,
      policy("p", "workspace", { meters: [] }),
      policy("p", "member bob", { meters: [] }),
    ],
    when: call({ meter: "chat" }),
    expect: { event: { kind: "hold.opened" } },
  },
]);

const office = hours("mon-fri 08:00-18:00");
const closed = (retryAt: number | null, allowed = [office]): Rejection => ({
  code: "not_allowed",
  policy: "office",
  scope: all,
  forbids: { kind: "hours", timeZone: "UTC", allowed },
  retryAt: retryAt === null ? null : instant(retryAt),
});
const midnight = noon - 12 * hour;

scenarios("hours", [
  {
    name: "a call within them is let through to the last millisecond",
    given: [...begun, policy("office", "workspace", { hours: [office] })],
    when: after(6 * hour - 1, open("h", 1)),
    expect: { event: { kind: "hold.opened" } },
  },
  {
    name: "H2 at their end they are over, and the refusal says when they come next",
    given: [...begun, policy("office", "workspace", { hours: [office] })],
    when: after(6 * hour, open("h", 1)),
    expect: { rejected: closed(midnight + 32 * hour) },
  },
  {
    name: "on Friday evening they come on Monday",
    given: [...begun, policy("office", "workspace", { hours: [office] })],
    when: after(4 * 24 * hour + 7 * hour, open("h", 1)),
    expect: { rejected: closed(midnight + (7 * 24 + 8) * hour) },
  },
  {
    name: "hours over midnight go on into the next day, from Sunday into Monday too",
    startsAt: midnight,
    given: [...begun, policy("office", "workspace", { hours: [hours("sun 22:00-06:00")] })],
    when: after(6 * hour - 1, open("h", 1)),
    expect: { event: { kind: "hold.opened" } },
  },
  {
    name: "of several policies retryAt is when all allow",
    given: [
      ...begun,
      policy("office", "workspace", { hours: [office] }),
      policy("team", "group red", { hours: [hours("wed 06:00-09:00"), hours("thu 12:00-13:00")] }),
    ],
    when: after(7 * hour, open("h", 1)),
    expect: {
      rejected: {
        code: "not_allowed",
        policy: "team",
        scope: red,
        forbids: {
          kind: "hours",
          timeZone: "UTC",
          allowed: [hours("wed 06:00-09:00"), hours("thu 12:00-13:00")],
        },
        retryAt: instant(midnight + (2 * 24 + 8) * hour),
      },
    },
  },
  {
    name: "hours that never meet name none",
    given: [
      ...begun,
      policy("office", "workspace", { hours: [hours("mon 00:00-06:00")] }),
      policy("team", "group red", { hours: [hours("mon-sun 06:00-24:00")] }),
    ],
    when: open("h", 1),
    expect: { rejected: closed(null, [hours("mon 00:00-06:00")]) },
  },
  {
    name: "no hours at all allow nothing, ever",
    given: [...begun, policy("office", "workspace", { hours: [] })],
    when: open("h", 1),
    expect: { rejected: closed(null, []) },
  },
  {
    name: "A4 what stays forbidden is told before what hours forbid",
    given: [...begun, policy("office", "workspace", { hours: [], meters: ["search"] })],
    when: call({ meter: "chat" }),
    expect: { rejected: against("office", all, "meter", "chat", ["search"]) },
  },
  {
    name: "a hold that began within them is not extended outside",
    given: [
      ...begun,
      policy("office", "workspace", { hours: [office] }),
      open("h", 1, { ttlMs: 20 * hour }),
    ],
    when: after(6 * hour, extend("h", 1)),
    expect: { rejected: closed(midnight + 32 * hour) },
  },
  {
    name: "and settles whenever it ends",
    given: [
      ...begun,
      policy("office", "workspace", { hours: [office] }),
      open("h", 1, { ttlMs: 20 * hour }),
    ],
    when: after(7 * hour, settle("h", 1)),
    expect: { event: { kind: "hold.settled" } },
  },
]);

const unread = (who: string, last: string | null, version = "2"): Rejection => ({
  code: "policy_not_accepted",
  policy: "rules",
  text: { version, hash: `#${version}` },
  member: who,
  last,
});
const rules = (version: string): ReturnType<typeof policy> =>
  policy("rules", "workspace", { text: version, mustAccept: true });

scenarios("texts that must be accepted", [
  {
    name: "who has not accepted it is refused, with policy and version named",
    given: [...begun, rules("2")],
    when: open("h", 1),
    expect: { rejected: unread("ana", null) },
  },
  {
    name: "who has accepted it spends; the event says what and when",
    given: [...begun, rules("2")],
    when: acceptPolicy("rules", "ana", "2"),
    expect: {
      event: {
        kind: "policy.accepted",
        acceptance: {
          policy: "rules",
          member: "ana",
          text: { version: "2", hash: "#2" },
          at: noon,
        },
        guest: null,
      },
    },
  },
  {
    name: "one acceptance is of one member",
    given: [...begun, rules("2"), acceptPolicy("rules", "ana", "2"), open("h1", 1)],
    when: open("h", 1, { member: "bob" }),
    expect: { rejected: unread("bob", null) },
  },
  {
    name: "a new version is to be accepted anew",
    given: [...begun, rules("2"), acceptPolicy("rules", "ana", "2"), rules("3")],
    when: open("h", 1),
    expect: { rejected: unread("ana", "2", "3") },
  },
  {
    name: "a text that need not be accepted stops nobody",
    given: [...begun, policy("rules", "workspace", { text: "2" })],
    when: open("h", 1),
    expect: { event: { kind: "hold.opened" } },
  },
  {
    name: "it is asked for before what else policies forbid",
    given: [...begun, policy("a", "workspace", { meters: [] }), rules("2")],
    when: call({ meter: "chat" }),
    expect: { rejected: unread("ana", null) },
  },
  {
    name: "A2 for an agent its sponsor accepts",
    given: [...begun, agent("bot", "ana"), agent("sub", "bot"), rules("2")],
    when: open("h", 1, { member: "sub" }),
    expect: { rejected: unread("ana", null) },
  },
  {
    name: "A2 and then the agent spends",
    given: [...begun, agent("bot", "ana"), rules("2"), acceptPolicy("rules", "ana", "2")],
    when: open("h", 1, { member: "bot" }),
    expect: { event: { kind: "hold.opened" } },
  },
  {
    name: "A2 an agent accepts nothing itself",
    given: [...begun, agent("bot", "ana"), rules("2")],
    when: acceptPolicy("rules", "bot", "2"),
    expect: {
      rejected: {
        code: "invalid_request",
        field: "member",
        reason: "ana answers for bot, and accepts for it.",
      },
    },
  },
  {
    name: "who was never seen comes in as a guest by accepting",
    given: [...begun, rules("2"), acceptPolicy("rules", "eve", "2")],
    when: open("h", 1, { member: "eve" }),
    expect: { event: { kind: "hold.opened", guest: null } },
  },
  {
    name: "and only where guests are let in",
    workspace: { members: "known" },
    given: [...begun, rules("2")],
    when: acceptPolicy("rules", "eve", "2"),
    expect: { rejected: { code: "unknown_member", member: "eve", reason: "known_members_only" } },
  },
  {
    name: "a version that no longer stands cannot be accepted",
    given: [...begun, rules("2"), rules("3")],
    when: acceptPolicy("rules", "ana", "2"),
    expect: {
      rejected: { code: "policy_text_differs", policy: "rules", version: "2", stands: "3" },
    },
  },
  {
    name: "nor can a policy without a text",
    given: [...begun, policy("rules", "workspace", { meters: [] })],
    when: acceptPolicy("rules", "ana", "2"),
    expect: {
      rejected: { code: "policy_text_differs", policy: "rules", version: "2", stands: null },
    },
  },
  {
    name: "a policy that was removed and set again is to be accepted anew",
    given: [
      ...begun,
      rules("2"),
      acceptPolicy("rules", "ana", "2"),
      removePolicy("rules"),
      rules("2"),
    ],
    when: open("h", 1),
    expect: { rejected: unread("ana", null) },
  },
  {
    name: "a suspended workspace still records who accepted what",
    given: [...begun, rules("2"), update({ status: "suspended" })],
    when: acceptPolicy("rules", "ana", "2"),
    expect: { event: { kind: "policy.accepted" } },
  },
  {
    name: "a hold that is open when a text comes is released as ever",
    given: [...begun, open("h", 1), rules("2")],
    when: after(minute, release("h")),
    expect: { event: { kind: "hold.released" } },
  },
]);

const invalid = (field: string, reason: string): Rejection => ({
  code: "invalid_request",
  field,
  reason,
});

scenarios("policies that are set", [
  {
    name: "of a group that exists",
    given: begun,
    when: policy("p", "group blue", { meters: [] }),
    expect: { rejected: { code: "unknown_group", group: "blue" } },
  },
  {
    name: "of a member, known or not",
    given: begun,
    when: policy("p", "member eve", { meters: [] }),
    expect: { event: { kind: "policy.updated" } },
  },
  {
    name: "say something",
    given: begun,
    when: policy("p", "workspace"),
    expect: {
      rejected: invalid("meters", "A policy says meters, models, hours or a text."),
    },
  },
  {
    name: "ask that a text is accepted only if they have one",
    given: begun,
    when: policy("p", "workspace", { meters: [], mustAccept: true }),
    expect: { rejected: invalid("mustAccept", "There is no text that could be accepted.") },
  },
  {
    name: "have hours that are some",
    given: begun,
    when: policy("p", "workspace", { hours: [{ days: [8], fromMinute: 0, toMinute: 60 }] }),
    expect: {
      rejected: invalid("hours", "Hours are of days 1 to 7, from a minute of the day to another."),
    },
  },
  {
    name: "have one text a version",
    given: [...begun, policy("p", "workspace", { text: "1" })],
    when: {
      kind: "putPolicy",
      policy: {
        id: "p",
        scope: { kind: "workspace" },
        meters: null,
        models: null,
        hours: null,
        text: { version: "1", hash: "#other" },
        mustAccept: false,
      },
    },
    expect: {
      rejected: invalid(
        "text",
        "Version 1 is another text. A text that changed is another version.",
      ),
    },
  },
  {
    name: "are at most twenty at one node, and one that is set again is no more",
    given: [
      ...begun,
      ...Array.from({ length: 20 }, (_, index) => policy(`p${index}`, "group red", { meters: [] })),
      policy("p3", "group red", { meters: ["chat"] }),
      policy("other", "workspace", { meters: ["chat"] }),
    ],
    when: policy("p20", "group red", { meters: [] }),
    expect: {
      rejected: invalid("scope", "There are 20 policies there, and that is the most."),
    },
  },
  {
    name: "are removed if they stand",
    given: begun,
    when: removePolicy("p"),
    expect: { rejected: { code: "unknown_policy", policy: "p" } },
  },
  {
    name: "are accepted if they stand",
    given: begun,
    when: acceptPolicy("p", "ana", "1"),
    expect: { rejected: { code: "unknown_policy", policy: "p" } },
  },
]);
