export { type Booked, type Bookkeeping, bookPayment } from "./book-payment.ts";
export { type Reversed, bookReversal } from "./book-reversal.ts";
export { manualPayments } from "./manual.ts";
export type {
  PaymentOutcome,
  PaymentProvider,
  PaymentReceived,
  PaymentRequest,
  PaymentReversal,
  PaymentSubject,
} from "./port.ts";
