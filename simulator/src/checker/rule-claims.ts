/** Owns whether an event is what was asked of the rules of a workspace: its people, limits, alerts, runs, policies and shares. */
import type { Command, Event, LimitRule } from "@cistern/kernel";
import { isWithin } from "./is-within.ts";

/** Whether an event is what was asked of the workspace, its members and its groups. */
export function carriesOutOfPeople(
  event: Event,
  command: Extract<
    Command,
    { kind: "createWorkspace" | "updateWorkspace" | "putMember" | "deactivateMember" | "putGroup" }
  >,
): boolean {
  switch (command.kind) {
    case "createWorkspace":
      return event.kind === "workspace.created" && isWithin(command.workspace, event.workspace);
    case "updateWorkspace":
      return event.kind === "workspace.updated" && isWithin(command.changes, event.workspace);
    case "putMember":
      return (
        event.kind === "member.updated" &&
        event.member.id === command.member &&
        event.member.kind === command.memberKind &&
        event.member.sponsor === command.sponsor &&
        event.member.groups.join() === command.groups.join()
      );
    case "deactivateMember":
      return event.kind === "member.deactivated" && event.member.id === command.member;
    case "putGroup":
      return event.kind === "group.updated" && event.group.id === command.group;
  }
}

/** Whether an event is what was asked of limits. */
export function carriesOutLimit(
  event: Event,
  command: Extract<Command, { kind: "putLimit" | "removeLimit" | "putLimits" | "splitLimit" }>,
): boolean {
  switch (command.kind) {
    case "putLimit":
      return (
        event.kind === "limit.updated" &&
        event.limit.id === command.limit &&
        isWithin({ scope: command.scope, rule: command.rule }, event.limit)
      );
    case "removeLimit":
      return event.kind === "limit.removed" && event.limit.id === command.limit;
    case "putLimits":
      return (
        event.kind === "limits.updated" &&
        event.limits.length === command.limits.length &&
        event.limits.every(({ limit }, index) => isWithin({ ...command.limits[index] }, limit)) &&
        event.removed.map(({ id }) => id).join() === command.remove.join()
      );
    case "splitLimit":
      return (
        event.kind === "limits.updated" &&
        event.limits.reduce((sum, { limit: { rule } }) => sum + cappedAt(rule), 0n) ===
          command.credits
      );
  }
}

const cappedAt = (rule: LimitRule): bigint =>
  rule.kind === "cap" && "credits" in rule ? (rule.credits ?? 0n) : 0n;

/** Whether an event is what was asked of alerts and their rules. */
export function carriesOutAlert(
  event: Event,
  command: Extract<
    Command,
    { kind: "putAlertRule" | "removeAlertRule" | "raiseAlert" | "reviewAlert" }
  >,
): boolean {
  switch (command.kind) {
    case "putAlertRule":
      return event.kind === "alert_rule.updated" && isWithin(command.rule, event.rule);
    case "removeAlertRule":
      return event.kind === "alert_rule.removed" && event.rule.id === command.rule;
    case "raiseAlert":
      return event.kind === "alert.raised" && event.alert.crossing === command.crossing;
    case "reviewAlert":
      return event.kind === "alert.reviewed" && event.alert.id === command.alert;
  }
}

/** Whether an event is what was asked of a run. */
export function carriesOutRun(
  event: Event,
  command: Extract<Command, { kind: "openRun" | "raiseRun" | "pauseRun" | "closeRun" }>,
): boolean {
  switch (command.kind) {
    case "openRun":
      if (command.purse !== undefined && command.purse !== null)
        return (
          event.kind === "hold.opened" &&
          event.hold === command.purse &&
          event.opens?.id === command.run &&
          event.opens.member === command.member
        );
      return (
        event.kind === "run.opened" &&
        event.run.id === command.run &&
        event.run.member === command.member &&
        (event.run.ancestors[0] ?? null) === command.parent &&
        isWithin({ bounds: command.bounds }, event.run)
      );
    case "raiseRun":
      return event.kind === "hold.extended"
        ? event.raises?.run.id === command.run
        : event.kind === "run.raised" && event.run.id === command.run;
    case "pauseRun":
      return event.kind === "run.paused" && event.run.id === command.run;
    case "closeRun":
      return event.kind === "run.closed" && event.run.id === command.run;
  }
}

/** Whether an event is what was asked of a policy, or said to it. */
export function carriesOutPolicy(
  event: Event,
  command: Extract<Command, { kind: "putPolicy" | "removePolicy" | "acceptPolicy" }>,
): boolean {
  switch (command.kind) {
    case "putPolicy":
      return event.kind === "policy.updated" && isWithin(command.policy, event.policy);
    case "removePolicy":
      return event.kind === "policy.removed" && event.policy.id === command.policy;
    case "acceptPolicy":
      return (
        event.kind === "policy.accepted" &&
        event.acceptance.policy === command.policy &&
        event.acceptance.member === command.member &&
        event.acceptance.text.version === command.version
      );
  }
}

/** Whether an event is what was asked of how the pool is shared. */
export function carriesOutShare(
  event: Event,
  command: Extract<
    Command,
    {
      kind:
        | "chooseFairness"
        | "recommendFairness"
        | "giftReserve"
        | "setGuarantee"
        | "setGroupGuarantee"
        | "setReach";
    }
  >,
): boolean {
  switch (command.kind) {
    case "chooseFairness":
      return (
        event.kind === "workspace.updated" && event.workspace.fairness?.chosenBy === command.by
      );
    case "recommendFairness":
      return event.kind === "fairness.recommended" && isWithin(command.advice, event.advice);
    case "giftReserve":
      return (
        event.kind === "reserve.gifted" &&
        event.gift === command.gift &&
        event.from === command.from &&
        event.to === command.to &&
        event.credits === command.credits
      );
    case "setGuarantee":
      return (
        event.kind === "member_terms.updated" &&
        event.terms.member === command.member &&
        event.terms.guarantee === command.credits
      );
    case "setGroupGuarantee":
      return (
        event.kind === "group_terms.updated" &&
        event.terms.group === command.group &&
        event.terms.guarantee === command.credits
      );
    case "setReach":
      return (
        event.kind === "member_terms.updated" &&
        event.terms.member === command.member &&
        event.terms.reach === command.reach
      );
  }
}
