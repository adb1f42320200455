/** Credits that are sold as one. Money is a decimal in the pack's currency, such as `"100.00"`. */
export interface PackSource {
  /** ISO 4217; workspaces of other currencies cannot have it. */
  readonly currency: string;
  /** Without tax. */
  readonly price: string;
  readonly credits: string;
  /** More credits, which come with it and take their share of the price. */
  readonly bonus?: string;
  /** Days, weeks, months or years by the calendar, such as `"P12M"`; left out: never. */
  readonly expiresAfter?: string;
  /** Lower burns first; default 50, as of any purchase. */
  readonly priority?: number;
  /** Percent expected never to be used, such as `"10"`, recognised with use; left out: when it ends. */
  readonly breakage?: string;
  /** What expires of it is owed to the state by law, and is never breakage. */
  readonly escheat?: boolean;
}
