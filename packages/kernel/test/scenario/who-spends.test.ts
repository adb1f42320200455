import { type Command, credits } from "@cistern/kernel";
import { scenarios } from "./check.ts";
import { agent, cap, deactivate, grant, group, limit, member, open, update } from "./commands.ts";

const key = (id: string, sponsor: string): Command => member(id, { memberKind: "key", sponsor });
const keysOfAna = [agent("bot", "ana"), key("through", "bot"), key("direct", "ana")];
const ended = (id: string, sponsor: string): object => ({
  member: {
    id,
    kind: "key",
    groups: [],
    home: null,
    sponsor,
    status: "inactive",
    isGuest: false,
  },
});
const pool = { kind: "workspace", id: "acme" } as const;
const c = (amount: number): ReturnType<typeof credits> => credits(BigInt(amount));

scenarios("a restricted grant pays only what it is for (RULES 33)", [
  {
    name: "every list that was given must match",
    given: [
      group("red"),
      member("ana", { groups: ["red"] }),
      grant("both", 10, { appliesTo: { meters: ["image"], groups: ["red"] } }),
    ],
    when: open("h", 10, { meter: "chat" }),
    expect: {
      rejected: {
        code: "pool_exhausted",
        scope: pool,
        requested: c(10),
        available: c(0),
        missing: c(10),
        retryAt: null,
      },
    },
  },
  {
    name: "and when they do, it pays; the balance shows it apart",
    given: [
      group("red"),
      member("ana", { groups: ["red"] }),
      grant("both", 10, { appliesTo: { meters: ["image"], groups: ["red"] } }),
    ],
    when: open("h", 7, { meter: "image" }),
    expect: {
      event: { legs: [{ lot: "both", credits: 7 }] },
      balance: { available: 0, held: 0, restrictedAvailable: 3, restrictedHeld: 7 },
    },
  },
  {
    name: "held credits of a lot that does not apply are no reason to wait",
    given: [
      grant("bens", 50, { appliesTo: { members: ["ben"] } }),
      open("x", 50, { member: "ben" }),
    ],
    when: open("h", 10),
    expect: {
      rejected: {
        code: "pool_exhausted",
        scope: pool,
        requested: c(10),
        available: c(0),
        missing: c(10),
        retryAt: null,
      },
    },
  },
  {
    name: "an agent draws on what its sponsor's group was granted, but not on the sponsor's own",
    given: [
      group("red"),
      member("ana", { groups: ["red"] }),
      agent("bot", "ana"),
      grant("team", 10, { appliesTo: { groups: ["red"] } }),
      grant("own", 10, { appliesTo: { members: ["ana"] } }),
    ],
    when: open("h", 11, { member: "bot" }),
    expect: {
      rejected: {
        code: "pool_exhausted",
        scope: pool,
        requested: c(11),
        available: c(10),
        missing: c(1),
        retryAt: null,
      },
    },
  },
  {
    name: "a restriction that names nothing restricts nothing",
    given: [grant("a", 10, { appliesTo: {} })],
    when: open("h", 10),
    expect: { balance: { available: 0, held: 10 }, lots: { a: { appliesTo: null } } },
  },
]);

scenarios("an id that was never seen comes in as a guest (RULES 5)", [
  {
    name: "and is kept with the hold that brought it",
    given: [grant("a", 10)],
    when: open("h", 1, { member: "eve" }),
    expect: {
      event: {
        guest: {
          id: "eve",
          kind: "person",
          groups: [],
          home: null,
          sponsor: null,
          status: "active",
          isGuest: true,
        },
      },
    },
  },
  {
    name: "up to the workspace's ceiling",
    workspace: { guestsMax: 1 },
    given: [grant("a", 10), open("h1", 1, { member: "eve" })],
    when: open("h2", 1, { member: "bob" }),
    expect: { rejected: { code: "unknown_member", member: "bob", reason: "too_many_guests" } },
  },
  {
    name: "a refused hold brings nobody in",
    workspace: { guestsMax: 1 },
    given: [grant("a", 10), limit("l", "member eve", cap(0, "day"))],
    when: open("h1", 1, { member: "eve" }),
    expect: {
      rejected: {
        code: "limit_reached",
        scope: { kind: "member", id: "eve", limit: "l" },
        requested: c(1),
        available: c(0),
        missing: c(1),
        cap: c(0),
        used: c(0),
        retryAt: null,
      },
    },
  },
  {
    name: "a guest that is registered leaves room for another",
    workspace: { guestsMax: 1 },
    given: [grant("a", 10), open("h1", 1, { member: "eve" }), member("eve")],
    when: open("h2", 1, { member: "bob" }),
    expect: { event: { kind: "hold.opened" } },
  },
  {
    name: "guests of before may not spend once only known members may",
    given: [grant("a", 10), open("h1", 1, { member: "eve" }), update({ members: "known" })],
    when: open("h2", 1, { member: "eve" }),
    expect: { rejected: { code: "unknown_member", member: "eve", reason: "known_members_only" } },
  },
  {
    name: "what acts for an inactive sponsor is inactive too",
    given: [grant("a", 10), member("ana"), agent("bot", "ana"), deactivate("ana")],
    when: open("h", 1, { member: "bot" }),
    expect: { rejected: { code: "member_inactive", member: "ana" } },
  },
  {
    name: "keys end with whom they act for, directly or not; agents, and keys of others, do not",
    given: [member("ana"), member("ben"), ...keysOfAna, key("other", "ben")],
    when: deactivate("ana"),
    expect: {
      event: {
        kind: "member.deactivated",
        keys: [ended("direct", "ana"), ended("through", "bot")],
      },
    },
  },
  {
    name: "a key that ended stays so when its sponsor is registered again",
    given: [grant("a", 10), member("ana"), ...keysOfAna, deactivate("ana"), member("ana")],
    when: open("h", 1, { member: "direct" }),
    expect: { rejected: { code: "member_inactive", member: "direct" } },
  },
  {
    name: "an agent goes on when its sponsor is registered again",
    given: [grant("a", 10), member("ana"), ...keysOfAna, deactivate("ana"), member("ana")],
    when: open("h", 1, { member: "bot" }),
    expect: { event: { kind: "hold.opened" } },
  },
  {
    name: "a key that is registered again spends again",
    given: [
      grant("a", 10),
      member("ana"),
      ...keysOfAna,
      deactivate("ana"),
      member("ana"),
      key("direct", "ana"),
    ],
    when: open("h", 1, { member: "direct" }),
    expect: { event: { kind: "hold.opened" } },
  },
]);

scenarios("usage is rated at authorization, and the price is fixed with the hold (RULES 19)", [
  {
    name: "by the row of the very model, rounded once, half up",
    given: [grant("a", 10)],
    when: open(
      "h",
      { input_text: 500_000, output_text: 500_000 },
      { meter: "chat", model: "small" },
    ),
    expect: {
      event: {
        credits: 2,
        price: {
          card: "card-1",
          row: "chat-small",
          per: 1_000_000,
          prices: { input_text: 1, output_text: 3 },
        },
        estimate: { input_text: 500_000, output_text: 500_000 },
      },
    },
  },
  {
    name: "any other model by the row of any model",
    given: [grant("a", 20_000)],
    when: open("h", { input_text: 1_200, output_text: 800 }, { meter: "chat", model: "large" }),
    expect: { event: { credits: 11_000 } },
  },
  {
    name: "by the row for its attributes, where there is one",
    given: [grant("a", 20_000)],
    when: open(
      "h",
      { input_text: 1_200, output_text: 800 },
      {
        meter: "chat",
        attributes: { tier: "batch", feature: "draft" },
      },
    ),
    expect: { event: { credits: 5_500 } },
  },
  {
    name: "usage without a meter cannot be rated",
    when: open("h", { input_text: 1 }),
    expect: {
      rejected: {
        code: "invalid_request",
        field: "meter",
        reason: "Usage is rated by its meter: name one.",
      },
    },
  },
  {
    name: "a bucket without a price is refused, whatever it is called",
    when: open("h", { constructor: 1 }, { meter: "image" }),
    expect: {
      rejected: {
        code: "invalid_request",
        field: "usage",
        reason: "The price of image has buckets images, and the usage has others or too much.",
        buckets: ["images"],
      },
    },
  },
  {
    name: "credits need no model, but a meter that exists",
    given: [grant("a", 10)],
    when: open("h", 1, { meter: "search", model: "maps" }),
    expect: { event: { credits: 1, price: null, estimate: null } },
  },
]);
