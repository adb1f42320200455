/** A thread that prints: laying out a long invoice takes seconds, in which the node's own thread answers calls. */
import { parentPort } from "node:worker_threads";
import type { Invoice } from "@cistern/contract";
import { invoicePdf } from "./invoice-pdf.ts";

parentPort?.on("message", ({ id, invoice }: { readonly id: number; readonly invoice: Invoice }) => {
  invoicePdf(invoice).then(
    (bytes) => parentPort?.postMessage({ id, bytes }),
    (error: unknown) => parentPort?.postMessage({ id, fault: String(error) }),
  );
});
