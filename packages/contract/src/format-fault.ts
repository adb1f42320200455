/**
 * A text is not in the form that a parser asks for. The schemas let such a text pass only where a pattern cannot say it
 * (30 February); a server answers `invalid_request` with this message.
 */
export class FormatFault extends Error {
  readonly code = "invalid_request";
  readonly text: string;
  readonly expected: string;

  constructor(text: string, expected: string) {
    super(`${JSON.stringify(text.slice(0, 64))} is not ${expected}.`);
    this.name = "FormatFault";
    this.text = text;
    this.expected = expected;
  }
}
