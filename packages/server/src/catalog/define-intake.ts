/** Owns the form in which a catalog says what arriving events and spans mean. */

/**
 * How events of one type become usage. A field is a name in the event's `data`, with dots for what lies deeper; `$.` before it is
 * let go by, so that paths of OpenMeter stand as they are.
 */
export interface EventRuleSource<Meter extends string = string> {
  readonly meter: Meter;
  /**
   * What each bucket takes: a field (a whole number, or one as text), the same number of every event, or a field of those events
   * alone in which other fields say this.
   */
  readonly usage: Readonly<
    Record<
      string,
      string | number | { readonly field: string; readonly where: Readonly<Record<string, string>> }
    >
  >;
  /** The field with the model. */
  readonly model?: string;
  /** The field with the member; left out: the event's `subject`, or where that is the workspace, `member`. */
  readonly member?: string;
  readonly run?: string;
  readonly project?: string;
  /** Attributes of the usage by name, each the field that it is taken from. */
  readonly attributes?: Readonly<Record<string, string>>;
}

/** What spans that are received over OTLP are for. */
export interface TracesSource<Meter extends string = string> {
  /** `observe` (the default): they are kept, and compared with what was settled. `debit`: each is charged. */
  readonly mode?: "observe" | "debit";
  /** Which meter an operation is of; left out, the one that is called like it. */
  readonly meters?: Readonly<Record<string, Meter>>;
}
