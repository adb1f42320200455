import type { Figures } from "../measurements/measurement.ts";

/** What a figure has to reach. `than` names another figure of the same run; `plus` is added to it. */
interface Target {
  readonly bound: ">=" | "<=";
  readonly value: number;
  readonly than?: string;
}

const targets: Readonly<Record<string, Target>> = {
  "hot.in_process.vs_for_update": { bound: ">=", value: 25 },
  "hot.in_process.vs_redis_always": { bound: ">=", value: 3 },
  "hot.in_process.vs_redis_everysec": { bound: ">=", value: 0.6 },
  "plans.in_process.vs_bare": { bound: ">=", value: 0.85 },
  "plans.in_process.every_row_vs_bare": { bound: ">=", value: 0.85 },
  "shared.in_process.vs_for_update": { bound: ">=", value: 25 },
  hot_vs_uniform: { bound: ">=", value: 0.9 },
  two_nodes_one_pool_vs_one_node: { bound: ">=", value: 0.5 },
  "http.hold.vs_empty_route": { bound: ">=", value: 0.35 },
  "http.shared_hold.vs_empty_route": { bound: ">=", value: 0.35 },
  "http.planned_hold.vs_empty_route": { bound: ">=", value: 0.35 },
  "http.hold.p99_ms": { bound: "<=", value: 10 },
  "gateway.added_ms.p50": { bound: "<=", value: 2 },
  "http.balance.p99_ms": { bound: "<=", value: 10 },
  "collectors.call_us": { bound: "<=", value: 50 },
  "collectors.chunk_us.chat": { bound: "<=", value: 1 },
  "collectors.chunk_us.chat_hidden_usage": { bound: "<=", value: 1 },
  "collectors.chunk_us.messages": { bound: "<=", value: 1 },
  "idle.hold_ms.p50": { bound: "<=", value: 1, than: "idle.commit_ms.p50" },
  "lots.1000_vs_1": { bound: "<=", value: 1.5 },
  "members.100k_vs_10": { bound: "<=", value: 1.5 },
  "open_holds.1m_vs_1": { bound: "<=", value: 1.5 },
  "cold_workspaces.1m_vs_1k": { bound: "<=", value: 1.5 },
};

/** A figure beside its target; `reached` is left out where there is none. */
export interface Verdict {
  readonly target: string;
  readonly reached?: boolean;
}

export function judge(name: string, figures: Figures): Verdict {
  const target = targets[name];
  const value = figures[name];
  if (target === undefined || value === undefined) return { target: "" };
  const base = target.than === undefined ? 0 : figures[target.than];
  const than = target.than === undefined ? "" : `${target.than} + `;
  const text = `${target.bound} ${than}${target.value}`;
  if (base === undefined) return { target: text };
  const limit = base + target.value;
  return { target: text, reached: target.bound === ">=" ? value >= limit : value <= limit };
}
