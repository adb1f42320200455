/** A thread that prints: laying out a long invoice takes seconds, in which the node's own thread answers calls. */
import { parentPort } from "node:worker_threads";
import { creditNotePdf } from "./credit-note-pdf.ts";
import { invoicePdf } from "./invoice-pdf.ts";
import type { Paper } from "./printer.ts";

const printed = (paper: Paper): Promise<Buffer> =>
  paper.kind === "invoice"
    ? invoicePdf(paper.invoice, paper.credits)
    : creditNotePdf(paper.creditNote);

parentPort?.on("message", ({ id, paper }: { readonly id: number; readonly paper: Paper }) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have none
  const answer = (said: object): void => parentPort?.postMessage({ id, ...said });
  printed(paper).then(
    (bytes) => answer({ bytes }),
    (error: unknown) => answer({ fault: String(error) }),
  );
});
