import { after, scenarios } from "./check.ts";
import {
  day,
  deactivate,
  extend,
  grant,
  hour,
  member,
  minute,
  noon,
  open,
  refund,
  settle,
  update,
} from "./commands.ts";
import { c, upTo, run, raise, closeRun, pause, inside, of } from "./run-commands.ts";

scenarios("a run is paused by what it refuses, and raised", [
  {
    name: "run_paused: then it approves nothing, however small",
    given: [grant("a", 100), run("r", upTo(50)), open("h", 40, of("r")), pause("r", 20)],
    when: open("i", 1, of("r")),
    expect: { rejected: { code: "run_paused", run: "r", bound: "limit" } },
  },
  {
    name: "pauses what is inside it",
    given: [grant("a", 100), run("r", upTo(50)), run("s", {}, inside("r")), pause("r", 60)],
    when: open("i", 1, of("s")),
    expect: { rejected: { code: "run_paused", run: "r", bound: "limit" } },
  },
  {
    name: "is not paused by what it would approve: somebody has raised it since",
    given: [grant("a", 100), run("r", upTo(50)), raise("r", upTo(60))],
    when: pause("r", 60),
    expect: {
      rejected: {
        code: "invalid_request",
        field: "run",
        reason: "The run refuses nothing now that pauses it.",
      },
    },
  },
  {
    name: "goes on when it is raised",
    given: [grant("a", 100), run("r", upTo(50)), pause("r", 60), raise("r", upTo(60))],
    when: open("h", 60, of("r")),
    expect: { runs: { r: { used: 60, pausedBy: null } } },
  },
  {
    name: "forgets the actions that it paused for when it is raised",
    given: [
      grant("a", 100),
      run("r", { maxSameAction: 1 }),
      open("h", 1, { run: "r", action: "ls" }),
      {
        kind: "pauseRun",
        run: "r",
        credits: c(0),
        step: { isToolCall: false, action: "ls" },
      },
      raise("r"),
    ],
    when: open("i", 1, { run: "r", action: "ls" }),
    expect: { runs: { r: { steps: 2, actions: 1 } } },
  },
  {
    name: "a bound is never lowered",
    given: [run("r", upTo(50))],
    when: raise("r", upTo(49)),
    expect: {
      rejected: {
        code: "invalid_request",
        field: "limit",
        reason: "A bound is raised, never lowered.",
      },
    },
  },
  {
    name: "unknown_run",
    when: raise("r"),
    expect: { rejected: { code: "unknown_run", run: "r" } },
  },
]);

scenarios("a run ends", [
  {
    name: "run_ended: when it is closed, for new holds",
    given: [grant("a", 100), run("r"), closeRun("r")],
    when: open("h", 1, of("r")),
    expect: { rejected: { code: "run_ended", run: "r", status: "closed" } },
  },
  {
    name: "run_ended: and for more of an open hold",
    given: [grant("a", 100), run("r"), open("h", 1, of("r")), closeRun("r")],
    when: extend("h", 1),
    expect: { rejected: { code: "run_ended", run: "r", status: "closed" } },
  },
  {
    name: "and what is inside it approves nothing",
    given: [
      grant("a", 100),
      run("root"),
      run("mid", {}, inside("root")),
      run("leaf", {}, inside("mid")),
      closeRun("root"),
    ],
    when: open("h", 1, of("leaf")),
    expect: { rejected: { code: "run_ended", run: "root", status: "closed" } },
  },
  {
    name: "and its open holds settle, and count",
    given: [grant("a", 100), run("r"), open("h", 10, of("r")), closeRun("r")],
    when: settle("h", 7),
    expect: { balance: { consumed: 7 }, runs: { r: { used: 7, holds: 0, status: "closed" } } },
  },
  {
    name: "once",
    given: [run("r"), closeRun("r")],
    when: closeRun("r"),
    expect: { rejected: { code: "run_ended", run: "r", status: "closed" } },
  },
  {
    name: "and not with its member: that may open no hold in it, and it idles",
    given: [grant("a", 100), member("ana"), run("r"), open("h", 10, of("r")), deactivate("ana")],
    when: open("i", 1, of("r")),
    expect: {
      rejected: { code: "member_inactive", member: "ana" },
      runs: { r: { status: "open", holds: 1 } },
    },
  },
  {
    name: "and not with its member: what is open in it settles",
    given: [grant("a", 100), member("ana"), run("r"), open("h", 10, of("r")), deactivate("ana")],
    when: settle("h", 7),
    expect: { runs: { r: { used: 7, holds: 0 } } },
  },
  {
    name: "and in a suspended workspace too: it can be closed, and its holds settle",
    given: [
      grant("a", 100),
      run("r"),
      open("h", 10, of("r")),
      update({ status: "suspended" }),
      closeRun("r"),
    ],
    when: settle("h", 7),
    expect: { runs: { r: { used: 7, holds: 0, status: "closed" } } },
  },
  {
    name: "by itself when nothing happens in it, at that very instant",
    given: [run("r")],
    when: { afterMs: hour },
    expect: { due: ["run.expired"], runs: { r: { status: "expired" } } },
  },
  {
    name: "not a moment before",
    given: [run("r")],
    when: { afterMs: hour - 1 },
    expect: { due: [], runs: { r: { status: "open" } } },
  },
  {
    name: "not while a hold is open in it",
    given: [grant("a", 100), run("r"), open("h", 1, { run: "r", ttlMs: 3 * hour })],
    when: { afterMs: 2 * hour },
    expect: { due: [], runs: { r: { status: "open" } } },
  },
  {
    name: "after the hold that ran out in it, and what is inside it first",
    given: [
      grant("a", 100),
      run("root"),
      run("leaf", {}, inside("root")),
      open("h", 1, of("leaf")),
    ],
    when: { afterMs: 3 * hour },
    expect: {
      due: ["hold.expired", "run.expired", "run.expired"],
      runs: {
        leaf: { endedAt: noon + 5 * minute + hour },
        root: { endedAt: noon + 5 * minute + 2 * hour },
      },
    },
  },
  {
    name: "and leaves memory a week later, when something else happens",
    given: [
      grant("a", 100),
      run("r"),
      open("h", 10, of("r")),
      settle("h", 10),
      closeRun("r"),
      after(7 * day, run("s")),
    ],
    when: open("i", 1, of("r")),
    expect: { rejected: { code: "unknown_run", run: "r" } },
  },
  {
    name: "and a refund of its holds changes nothing in a run that has its id since",
    given: [
      grant("a", 100),
      run("r"),
      open("h", 10, of("r")),
      settle("h", 10),
      closeRun("r"),
      after(7 * day - minute, run("s")),
      after(2 * minute, run("t")),
      run("r"),
    ],
    when: refund("rfd_1", "h"),
    expect: { balance: { consumed: 0 }, runs: { r: { used: 0, steps: 0 } } },
  },
]);
