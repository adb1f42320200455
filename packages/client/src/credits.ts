/** Credits as the contract writes them, in micro-credits; `undefined` where the text is no such decimal. */
export function readCredits(text: string): bigint | undefined {
  const match = /^(\d{1,12})(?:\.(\d{1,6}))?$/.exec(text);
  if (match === null) return undefined;
  return BigInt(match[1] ?? "0") * 1_000_000n + BigInt((match[2] ?? "").padEnd(6, "0"));
}

/** Micro-credits as the contract writes them. */
export function printCredits(micro: bigint): string {
  const fraction = (micro % 1_000_000n).toString().padStart(6, "0").replace(/0+$/, "");
  return fraction === "" ? `${micro / 1_000_000n}` : `${micro / 1_000_000n}.${fraction}`;
}
