import { instant } from "@cistern/kernel";
import { after, scenarios } from "./check.ts";
import {
  cap,
  deactivate,
  debit,
  extend,
  grant,
  hour,
  limit,
  member,
  minute,
  noon,
  open,
  rate,
  refund,
  release,
  settle,
  update,
} from "./commands.ts";
import { upTo, run, closeRun, inside, of, limitReached } from "./run-commands.ts";

scenarios("a run is opened, or refused in this order", [
  {
    name: "workspace_suspended",
    given: [update({ status: "suspended" })],
    when: run("r"),
    expect: { rejected: { code: "workspace_suspended" } },
  },
  {
    name: "member_inactive",
    given: [member("ana"), deactivate("ana")],
    when: run("r"),
    expect: { rejected: { code: "member_inactive", member: "ana" } },
  },
  {
    name: "unknown_run: its parent must be there",
    when: run("r", {}, inside("root")),
    expect: { rejected: { code: "unknown_run", run: "root" } },
  },
  {
    name: "run_of_another: nobody opens a run inside another member's",
    given: [run("root", {}, { member: "ben" })],
    when: run("r", {}, inside("root")),
    expect: { rejected: { code: "run_of_another", run: "root", member: "ana" } },
  },
  {
    name: "run_ended: not only the nearest of the runs around it must be open",
    given: [run("root"), run("mid", {}, inside("root")), closeRun("root")],
    when: run("leaf", {}, inside("mid")),
    expect: { rejected: { code: "run_ended", run: "root", status: "closed" } },
  },
  {
    name: "run_exists: an id is taken while memory has its run",
    given: [run("r"), closeRun("r")],
    when: run("r"),
    expect: { rejected: { code: "run_exists", run: "r" } },
  },
  {
    name: "runs stand inside one another at most 8 deep",
    given: [
      run("1"),
      ...["2", "3", "4", "5", "6", "7", "8"].map((id) => run(id, {}, inside(`${Number(id) - 1}`))),
    ],
    when: run("9", {}, inside("8")),
    expect: {
      rejected: {
        code: "invalid_request",
        field: "parent",
        reason: "Runs stand inside one another at most 8 deep.",
      },
    },
  },
  {
    name: "a deadline lies ahead",
    when: run("r", { deadline: instant(noon) }),
    expect: {
      rejected: {
        code: "invalid_request",
        field: "deadline",
        reason: "The deadline must lie ahead.",
      },
    },
  },
  {
    name: "opens for an id that was never seen, who is a guest then",
    when: run("r"),
    expect: { event: { kind: "run.opened" } },
  },
]);

scenarios("a call in a run", [
  {
    name: "unknown_run: a hold names a run that is there",
    given: [grant("a", 100)],
    when: open("h", 1, of("r")),
    expect: { rejected: { code: "unknown_run", run: "r" } },
  },
  {
    name: "run_of_another: a hold is of the run's member, or of what acts for it",
    given: [grant("a", 100), run("r")],
    when: open("h", 1, { run: "r", member: "ben" }),
    expect: { rejected: { code: "run_of_another", run: "r", member: "ben" } },
  },
  {
    name: "of an agent may be in its sponsor's run",
    given: [
      grant("a", 100),
      member("ana"),
      member("bot", { memberKind: "agent", sponsor: "ana" }),
      run("r"),
    ],
    when: open("h", 1, { run: "r", member: "bot" }),
    expect: { runs: { r: { used: 1, steps: 1, holds: 1 } } },
  },
  {
    name: "run_limit_reached: credits count when they are approved, and come back with the settle",
    given: [grant("a", 100), run("r", upTo(50)), open("h", 40, of("r")), settle("h", 10)],
    when: open("i", 41, of("r")),
    expect: { ...limitReached("r", 41, 10, 50), runs: { r: { used: 10, holds: 0 } } },
  },
  {
    name: "counts in every run around it by one event",
    given: [
      grant("a", 100),
      run("root", upTo(50)),
      run("mid", upTo(80), inside("root")),
      run("leaf", upTo(90), inside("mid")),
    ],
    when: open("h", 40, { run: "leaf", isToolCall: true }),
    expect: {
      runs: {
        root: { used: 40, steps: 1, toolCalls: 1 },
        mid: { used: 40, steps: 1, toolCalls: 1 },
        leaf: { used: 40, steps: 1, toolCalls: 1 },
      },
    },
  },
  {
    name: "of a child that was promised more gets what the runs around it have left",
    given: [
      grant("a", 200),
      run("root", upTo(50)),
      run("mid", upTo(100), inside("root")),
      run("leaf", upTo(100), inside("mid")),
      open("h", 30, of("root")),
    ],
    when: open("i", 21, of("leaf")),
    expect: limitReached("root", 21, 30, 50),
  },
  {
    name: "that used more than it held takes its run over the limit, and then nothing is left",
    given: [grant("a", 200), run("r", upTo(50)), open("h", 40, of("r")), settle("h", 70)],
    when: open("i", 1, of("r")),
    expect: { ...limitReached("r", 1, 70, 50), runs: { r: { used: 70 } } },
  },
  {
    name: "of 0 credits passes a limit that is used up",
    given: [grant("a", 100), run("r", upTo(0))],
    when: open("h", 0, of("r")),
    expect: { runs: { r: { steps: 1 } } },
  },
  {
    name: "a limit of 0 is none of no limit",
    given: [grant("a", 100), run("r", upTo(0))],
    when: open("h", 1, of("r")),
    expect: limitReached("r", 1, 0, 0),
  },
  {
    name: "that was refunded gives its credits back, and not its step",
    given: [grant("a", 100), run("r", upTo(50)), open("h", 40, of("r")), settle("h", 40)],
    when: refund("rfd_1", "h", 15),
    expect: { runs: { r: { used: 25, steps: 1 } } },
  },
  {
    name: "that was released gives no step back",
    given: [grant("a", 100), run("r", { maxSteps: 1 }), open("h", 40, of("r")), release("h")],
    when: open("i", 1, of("r")),
    expect: {
      rejected: {
        code: "run_limit_reached",
        run: "r",
        bound: "maxSteps",
        requested: 1n,
        available: 0n,
        used: 1n,
        most: 1n,
      },
      runs: { r: { used: 0, steps: 1 } },
    },
  },
  {
    name: "that expired gives its credits back, and no step",
    given: [grant("a", 100), run("r"), open("h", 40, of("r"))],
    when: { afterMs: 5 * minute },
    expect: { due: ["hold.expired"], runs: { r: { used: 0, steps: 1, holds: 0 } } },
  },
  {
    name: "that is settled late counts again",
    given: [grant("a", 100), run("r"), open("h", 40, of("r"))],
    when: after(6 * minute, settle("h", 30)),
    expect: { runs: { r: { used: 30, steps: 1, holds: 0 } } },
  },
  {
    name: "run_limit_reached: a call of a tool counts as both",
    given: [
      grant("a", 100),
      run("r", { maxSteps: 9, maxToolCalls: 1 }),
      open("h", 1, { run: "r", isToolCall: true }),
      open("i", 1, of("r")),
    ],
    when: open("j", 1, { run: "r", isToolCall: true }),
    expect: {
      rejected: {
        code: "run_limit_reached",
        run: "r",
        bound: "maxToolCalls",
        requested: 1n,
        available: 0n,
        used: 1n,
        most: 1n,
      },
    },
  },
  {
    name: "run_deadline_passed: at the deadline it is over",
    given: [grant("a", 100), run("r", { deadline: instant(noon + minute) })],
    when: after(minute, open("h", 1, of("r"))),
    expect: {
      rejected: { code: "run_deadline_passed", run: "r", deadline: instant(noon + minute) },
    },
  },
  {
    name: "runaway_loop: the same action passes as often as the run allows, another one still does",
    given: [
      grant("a", 100),
      run("r", { maxSameAction: 2 }),
      open("h", 1, { run: "r", action: "ls" }),
      open("i", 1, { run: "r", action: "ls" }),
      open("j", 1, { run: "r", action: "cat" }),
    ],
    when: open("k", 1, { run: "r", action: "ls" }),
    expect: { rejected: { code: "runaway_loop", run: "r", action: "ls", times: 2 } },
  },
  {
    name: "does what its parent did, and is no loop",
    given: [
      grant("a", 100),
      run("r", { maxSameAction: 1 }),
      run("s", { maxSameAction: 1 }, inside("r")),
      open("h", 1, { run: "r", action: "ls" }),
    ],
    when: open("i", 1, { run: "s", action: "ls" }),
    expect: { runs: { r: { steps: 2 } } },
  },
  {
    name: "stands above the member's cap",
    given: [grant("a", 100), limit("own", "eachMember", cap(3, "day")), run("r", upTo(3))],
    when: open("h", 4, of("r")),
    expect: limitReached("r", 4, 0, 3),
  },
  {
    name: "is refused by a rate before its run",
    given: [
      grant("a", 100),
      limit("pace", "eachMember", rate("credits", { quantity: 1, perMs: hour, burst: 2 })),
      run("r", upTo(3)),
    ],
    when: open("h", 4, of("r")),
    expect: {
      rejected: {
        code: "rate_limited",
        scope: { kind: "member", id: "ana", limit: "pace", inherited: true },
        rule: { kind: "rate", unit: "credits", quantity: 1n, perMs: hour, burst: 2n },
        requested: 4n,
        remaining: 2n,
        retryAt: null,
      },
    },
  },
  {
    name: "that is extended asks the runs for credits, and not for a step",
    given: [grant("a", 100), run("r", { ...upTo(50), maxSteps: 1 }), open("h", 40, of("r"))],
    when: extend("h", 10),
    expect: { runs: { r: { used: 50, steps: 1 } } },
  },
  {
    name: "is not extended past the limit of a run around it",
    given: [
      grant("a", 100),
      run("root", upTo(45)),
      run("r", {}, inside("root")),
      open("h", 40, of("r")),
    ],
    when: extend("h", 10),
    expect: limitReached("root", 10, 40, 45),
  },
  {
    name: "that was reported after the fact counts, whatever the bounds say",
    given: [grant("a", 100), run("r", { ...upTo(5), maxSteps: 1 }), open("h", 1, of("r"))],
    when: debit("d", 10, of("r")),
    expect: { runs: { r: { used: 11, steps: 2, holds: 1 } } },
  },
  {
    name: "unknown_run: usage is reported of a run that is there",
    given: [grant("a", 100)],
    when: debit("d", 10, of("r")),
    expect: { rejected: { code: "unknown_run", run: "r" } },
  },
]);
