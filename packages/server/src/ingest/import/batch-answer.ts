import type { OperationResult } from "@cistern/contract";

/** Why an operation was refused, in a code and a sentence. */
export function problemOf({ status, body }: OperationResult): { code: string; detail: string } {
  const text = (name: string): string | undefined => {
    const value: unknown =
      typeof body === "object" && body !== null ? Reflect.get(body, name) : undefined;
    return typeof value === "string" ? value : undefined;
  };
  const violations: unknown =
    typeof body === "object" && body !== null ? Reflect.get(body, "violations") : undefined;
  const more = Array.isArray(violations) ? violations.map(violationText).join("; ") : "";
  const detail = text("detail") ?? `It was answered ${status}.`;
  return { code: text("code") ?? `${status}`, detail: more === "" ? detail : `${detail} ${more}` };
}

function violationText(violation: unknown): string {
  if (typeof violation !== "object" || violation === null) return "";
  return `${String(Reflect.get(violation, "pointer"))} ${String(Reflect.get(violation, "detail"))}`;
}
