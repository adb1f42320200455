/** A thread that prints: laying out a long invoice takes seconds, in which the node's own thread answers calls. */
import { parentPort } from "node:worker_threads";
import type { Invoice } from "@cistern/contract";
import { invoicePdf } from "./invoice-pdf.ts";

parentPort?.on("message", ({ id, invoice }: { readonly id: number; readonly invoice: Invoice }) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have none
  const answer = (printed: object): void => parentPort?.postMessage({ id, ...printed });
  invoicePdf(invoice).then(
    (bytes) => answer({ bytes }),
    (error: unknown) => answer({ fault: String(error) }),
  );
});
