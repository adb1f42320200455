import { scenarios } from "./check.ts";
import {
  agent,
  createWorkspace,
  deactivate,
  debtUpTo,
  grant,
  group,
  member,
  noon,
  open,
  update,
} from "./commands.ts";

scenarios("a workspace", [
  {
    name: "is created once",
    when: createWorkspace({ id: "other" }),
    expect: { rejected: { code: "workspace_exists", workspace: "acme" } },
  },
  {
    name: "keeps what a change does not name",
    workspace: { overage: debtUpTo(5), timeZone: "Europe/Berlin" },
    when: update({ members: "known" }),
    expect: {
      event: {
        kind: "workspace.updated",
        workspace: {
          id: "acme",
          timeZone: "Europe/Berlin",
          currency: "EUR",
          status: "active",
          overage: { kind: "debt", limit: 5 },
          overrun: "draw_more_then_debt",
          members: "known",
          guestsMax: 1_000,
          createdAt: noon,
        },
      },
    },
  },
]);

const invalid = (reason: string) => ({
  rejected: { code: "invalid_request", field: "sponsor", reason } as const,
});

scenarios("a member is registered, or refused in this order", [
  {
    name: "unknown_group stands above a home outside its groups",
    when: member("ana", { groups: ["red"], home: "blue" }),
    expect: { rejected: { code: "unknown_group", group: "red" } },
  },
  {
    name: "a home outside its groups stands above an unknown sponsor",
    given: [group("red")],
    when: member("bot", { memberKind: "agent", groups: ["red"], home: "blue", sponsor: "eve" }),
    expect: {
      rejected: {
        code: "invalid_request",
        field: "home",
        reason: "The home group must be one of the member's groups.",
      },
    },
  },
  {
    name: "unknown_member: a sponsor must be registered",
    when: agent("bot", "eve"),
    expect: { rejected: { code: "unknown_member", member: "eve", reason: "not_registered" } },
  },
  {
    name: "a person acts for nobody",
    given: [member("ana")],
    when: member("ben", { sponsor: "ana" }),
    expect: invalid("A person has no sponsor; only agents and keys act for somebody."),
  },
  {
    name: "nobody sponsors itself in a circle",
    given: [member("ana"), agent("bot", "ana"), agent("sub", "bot")],
    when: agent("bot", "sub"),
    expect: invalid("The sponsor is itself sponsored by this member."),
  },
  {
    name: "a chain of sponsors has an end",
    given: [member("a0"), ...chain(8)],
    when: agent("a9", "a8"),
    expect: invalid("The chain of sponsors would be longer than 8."),
  },
  {
    name: "also when it would grow at its top",
    given: [member("a0", { memberKind: "agent" }), ...chain(8), member("boss")],
    when: agent("a0", "boss"),
    expect: invalid("The chain of sponsors would be longer than 8."),
  },
  {
    name: "home defaults to the first group, and a group is kept once",
    given: [group("red"), group("blue")],
    when: member("ana", { groups: ["blue", "red", "blue"] }),
    expect: {
      event: {
        kind: "member.updated",
        member: {
          id: "ana",
          kind: "person",
          groups: ["blue", "red"],
          home: "blue",
          sponsor: null,
          status: "active",
          isGuest: false,
        },
      },
    },
  },
]);

scenarios("a member that may no longer spend", [
  {
    name: "unknown_member: nobody of that name",
    when: deactivate("ana"),
    expect: { rejected: { code: "unknown_member", member: "ana", reason: "not_registered" } },
  },
  {
    name: "is inactive until it is registered again",
    given: [grant("a", 10), member("ana"), deactivate("ana"), member("ana")],
    when: open("h", 1),
    expect: { event: { kind: "hold.opened" } },
  },
]);

function chain(length: number): ReturnType<typeof agent>[] {
  return Array.from({ length }, (_, index) => agent(`a${index + 1}`, `a${index}`));
}
