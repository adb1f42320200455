import { type Command, type FairnessSetting } from "@cistern/kernel";
import { scenarios } from "./check.ts";
import { deactivate, grant, member } from "./commands.ts";

const choose = (by: string, setting: FairnessSetting = { preset: "strict" }): Command => ({
  kind: "chooseFairness",
  setting,
  by,
});
const owned = { owners: ["kim"] };

scenarios("an owner chooses how the pool is shared", [
  {
    name: "and is named with what it chose",
    workspace: owned,
    given: [grant("a", 10)],
    when: choose("kim", { preset: "balanced", reserve: 600 }),
    expect: { event: { kind: "workspace.updated" }, balance: { available: 10 } },
  },
  {
    name: "a workspace without owners takes whom its vendor names",
    when: choose("anybody"),
    expect: { event: { kind: "workspace.updated" } },
  },
  {
    name: "not_an_owner: one who is none does not, where owners are named",
    workspace: owned,
    given: [member("ana")],
    when: choose("ana"),
    expect: { rejected: { code: "not_an_owner", member: "ana", owners: ["kim"] } },
  },
  {
    name: "member_inactive stands above it",
    workspace: owned,
    given: [member("ana"), deactivate("ana")],
    when: choose("ana"),
    expect: { rejected: { code: "member_inactive", member: "ana" } },
  },
  {
    name: "and invalid_request above both",
    workspace: owned,
    when: choose("ana", { preset: "strict", reserve: 1_001 }),
    expect: {
      rejected: {
        code: "invalid_request",
        field: "fairness.reserve",
        reason: "The reserve is 0 to 1000 thousandths.",
      },
    },
  },
  ...(["reserve", "reach"] as const).map((knob) => ({
    name: `a pool that is not shared has no ${knob} to set`,
    when: choose("ana", { preset: "off", [knob]: 500 }),
    expect: {
      rejected: {
        code: "invalid_request" as const,
        field: `fairness.${knob}`,
        reason: `Under "off" the pool is not shared, so there is no ${knob} to set. Leave ${knob} out, or take another preset.`,
      },
    },
  })),
]);
