/** Owns A2, A3, A4 and A20: what is promised to each member, tried on random workspaces, flat and with groups. */
import { Chance } from "../../../../packages/kernel/test/fairness/chance.ts";
import { KernelWorkspace, memberName, person, startMs } from "../kernel-workspace.ts";
import { credits, periodMs, ticks } from "../workload.ts";
import { type Acceptance, some } from "./acceptance.ts";

const tickMs = periodMs / ticks;
const presets = ["strict", "balanced", "lend_early"] as const;

/** A workspace of a few members, at times with groups. */
function randomWorkspace(
  chance: Chance,
  { members, hasGroups }: { members: number; hasGroups: boolean },
): KernelWorkspace {
  const groups = 1 + chance.below(3);
  return new KernelWorkspace({
    members,
    homeOf: (index) => (hasGroups && index % 5 !== 4 ? `g${index % groups}` : null),
    budget: credits(10_000 + chance.below(90_000)) + BigInt(chance.below(1_000_000)),
    preset: presets[chance.below(presets.length)] ?? "balanced",
  });
}

/** A request of a hog: up to a fifth of its share. */
const bigRequest = (chance: Chance, workspace: KernelWorkspace, member: string, atMs: number) =>
  1n + (workspace.share(member, atMs).share * BigInt(1 + chance.below(200))) / 1_000n;

const pace: Acceptance = {
  key: "A2",
  claim: "who never wants more than the even pace of what is reserved is never refused (F2)",
  measure(effort) {
    let asked = 0;
    let denied = 0;
    const workspaces = some(300, effort);
    for (let seed = 0; seed < workspaces; seed += 1) {
      const one = inPace(new Chance(seed), seed % 2 === 1);
      asked += one.asked;
      denied += one.denied;
    }
    return [
      { name: "denied", value: denied, atMost: 0 },
      { name: "workspaces", value: workspaces, atLeast: some(300, effort) },
      { name: "requests", value: asked, atLeast: some(100_000, effort) },
    ];
  },
};

/** Two members keep to the even pace, as late as they may; the others take whatever they get. */
function inPace(chance: Chance, hasGroups: boolean): { asked: number; denied: number } {
  const members = 4 + chance.below(5);
  const workspace = randomWorkspace(chance, { members, hasGroups });
  const steady = [0, 1].flatMap((index) => paced(chance, workspace, memberName(index)));
  const hogs = Array.from({ length: 300 }, () => ({
    member: memberName(2 + chance.below(members - 2)),
    atMs: Math.floor(chance.fraction() ** 2 * periodMs),
    amount: undefined,
  }));
  let denied = 0;
  for (const { member, atMs, amount } of [...steady, ...hogs].toSorted((a, b) => a.atMs - b.atMs)) {
    const asks: bigint = amount ?? bigRequest(chance, workspace, member, atMs);
    const refused = workspace.use(member, asks, atMs);
    if (amount !== undefined && refused !== undefined) denied += 1;
  }
  return { asked: steady.length, denied };
}

/** Requests of which at each tick k no more is left than ceil(P (N - k) / N). */
function paced(
  chance: Chance,
  workspace: KernelWorkspace,
  member: string,
): { member: string; atMs: number; amount: bigint }[] {
  const line = workspace.share(member, 0).reserved;
  let left: bigint = line;
  let tick = 0;
  const requests: { member: string; atMs: number; amount: bigint }[] = [];
  const size = line / 250n;
  while (left > 0n) {
    // The last tick at which all that is left still fits under the line.
    const latest = ticks - Number(((left - 1n) * BigInt(ticks)) / line) - 1;
    if (chance.below(3) > 0) tick = Math.max(tick, latest);
    else tick += chance.below(Math.max(1, latest - tick + 1));
    const wants = 1n + BigInt(chance.below(Number(2n * size) + 1));
    const amount = wants < left ? wants : left;
    requests.push({ member, atMs: Math.floor((tick + chance.fraction()) * tickMs), amount });
    left -= amount;
  }
  return requests.toSorted((a, b) => a.atMs - b.atMs);
}

const envy: Acceptance = {
  key: "A3",
  claim:
    "nobody is refused what another would get who has had as much and has as little reserved (F3)",
  measure(effort) {
    let compared = 0;
    let envied = 0;
    const wanted = some(1_000_000, effort);
    for (let seed = 0; compared < wanted; seed += 1) {
      const one = envyIn(new Chance(seed), seed % 2 === 1);
      compared += one.compared;
      envied += one.envied;
    }
    return [
      { name: "envied", value: envied, atMost: 0 },
      { name: "comparisons", value: compared, atLeast: wanted },
    ];
  },
};

function envyIn(chance: Chance, hasGroups: boolean): { compared: number; envied: number } {
  const members = 30;
  const workspace = randomWorkspace(chance, { members, hasGroups });
  const names = Array.from({ length: members }, (_, index) => memberName(index));
  const home = (name: string) => workspace.state.members.members.get(name)?.home ?? null;
  let compared = 0;
  let envied = 0;
  for (let step = 0; step < 60; step += 1) {
    const atMs = Math.floor(((step + chance.fraction()) / 60) * periodMs);
    for (let call = 0; call < 20; call += 1) {
      // Some ask much more often than others.
      const member = memberName(Math.floor(chance.fraction() ** 2 * members));
      workspace.use(member, bigRequest(chance, workspace, member, atMs), atMs);
    }
    const amount = bigRequest(chance, workspace, memberName(0), atMs);
    const all = names.map((name) => ({
      home: home(name),
      isRefused: workspace.wouldRefuse(name, amount, atMs) !== undefined,
      ...workspace.share(name, atMs),
    }));
    for (const one of all)
      for (const other of all) {
        if (one === other || one.home !== other.home || other.share > one.share) continue;
        if (other.used < one.used || other.reserved > one.reserved) continue;
        compared += 1;
        if (one.isRefused && !other.isRefused) envied += 1;
      }
  }
  return { compared, envied };
}

const hints: Acceptance = {
  key: "A4",
  claim: "a refused request passes at the tick that the refusal names, and at none before it",
  measure(effort) {
    const counts = { flat: { hints: 0, exact: 0 }, groups: { hints: 0, exact: 0 } };
    for (let seed = 0; seed < some(20, effort); seed += 1) {
      hintsIn(new Chance(seed), false, counts.flat);
      hintsIn(new Chance(seed), true, counts.groups);
    }
    return [
      { name: "flatExact", value: counts.flat.exact / counts.flat.hints, atLeast: 1 },
      { name: "groupsExact", value: counts.groups.exact / counts.groups.hints, atLeast: 1 },
      { name: "hints", value: counts.flat.hints + counts.groups.hints, atLeast: 1 },
    ];
  },
};

function hintsIn(
  chance: Chance,
  hasGroups: boolean,
  count: { hints: number; exact: number },
): void {
  const members = 4 + chance.below(6);
  const workspace = randomWorkspace(chance, { members, hasGroups });
  for (let step = 0; step < 200; step += 1) {
    const atMs = Math.floor(((step + chance.fraction()) / 200) * periodMs);
    const member = memberName(Math.floor(chance.fraction() ** 2 * members));
    const amount = bigRequest(chance, workspace, member, atMs) * 2n;
    const refused = workspace.use(member, amount, atMs);
    if (refused === undefined) continue;
    const isFair = refused.code === "reserved_for_others" || refused.code === "borrow_limit";
    if (!isFair && refused.code !== "never_this_period") continue;
    count.hints += 1;
    if (isExact(workspace, { member, amount, atMs, retryAt: refused.retryAt })) count.exact += 1;
  }
}

/** Whether it passes at the hint, and at no tick before; without a hint: at none until the end. */
function isExact(
  workspace: KernelWorkspace,
  {
    member,
    amount,
    atMs,
    retryAt,
  }: { member: string; amount: bigint; atMs: number; retryAt: number | null },
): boolean {
  const now = Math.floor(atMs / tickMs);
  for (let tick = now; tick < ticks; tick += 1) {
    const at = Math.max(atMs, tick * tickMs);
    if (workspace.wouldRefuse(member, amount, at) === undefined) return retryAt === startMs + at;
  }
  return retryAt === null;
}

const joins: Acceptance = {
  key: "A20",
  claim: "those who join take nothing of what is reserved for others (F9)",
  measure(effort) {
    let changed = 0;
    for (let seed = 0; seed < some(10, effort); seed += 1) {
      const chance = new Chance(seed);
      const workspace = randomWorkspace(chance, { members: 10, hasGroups: seed % 2 === 1 });
      const atMs = Math.floor((0.2 + 0.6 * chance.fraction()) * periodMs);
      for (let call = 0; call < 100; call += 1) {
        const member = memberName(chance.below(10));
        const early = Math.floor((call / 100) * atMs);
        workspace.use(member, bigRequest(chance, workspace, member, early), early);
      }
      const reserved = () =>
        Array.from({ length: 10 }, (_, index) => workspace.share(memberName(index), atMs).reserved);
      const before = reserved();
      for (let join = 0; join < 40; join += 1)
        workspace.mustRun(person(memberName(10 + join)), atMs);
      const after = reserved();
      changed += before.filter((amount, index) => amount !== after[index]).length;
    }
    return [{ name: "changedReserves", value: changed, atMost: 0 }];
  },
};

export const ofPromises: readonly Acceptance[] = [pace, envy, hints, joins];
