/**
 * Owns which calls a row of a rate card is for, and which of two rows is the more specific.
 *
 * M1 of the rows that match a call the most specific prices it: first by the model (its very name, then the pattern that spells
 * out more of it, then any model), then by the number of attributes. M2 two rows clash when some call could match both and
 * neither is more specific; a card with such rows is refused, so that each call has one price.
 */

/** The calls that a row is for. */
export interface RateMatch {
  /** A name, or a pattern in which `*` stands for any characters or none; null: any model, and calls that name none. */
  readonly model: string | null;
  /** The call must have all of these attributes with these values. */
  readonly attributes: Readonly<Record<string, string>>;
}

/** What a row is matched against. */
export interface MatchedCall {
  readonly model: string | null;
  readonly attributes: Readonly<Record<string, string>>;
}

/**
 * Whether the row is for this call.
 *
 * @example matches({ model: "gpt-5*", attributes: { tier: "batch" } }, { model: "gpt-5-mini", attributes: { tier: "batch" } }) // true
 */
export const matches = (match: RateMatch, { model, attributes }: MatchedCall): boolean =>
  matchesModel(match, model) && matchesAttributes(match, attributes);

/** Whether the row is for calls of this model. */
export const matchesModel = ({ model: pattern }: RateMatch, model: string | null): boolean =>
  pattern === null || (model !== null && fits(pattern, model));

/** Whether the row is for calls with these attributes. */
export const matchesAttributes = (
  { attributes }: RateMatch,
  given: MatchedCall["attributes"],
): boolean =>
  Object.entries(attributes).every(
    ([name, value]) => Object.hasOwn(given, name) && given[name] === value,
  );

/** M1: below 0 where `a` is the more specific, above 0 where `b` is, 0 where neither. */
export function bySpecificity(a: RateMatch, b: RateMatch): number {
  return spelledOut(b.model) - spelledOut(a.model) || attributeCount(b) - attributeCount(a);
}

/** M2: whether some call matches both and neither is more specific. */
export function clash(a: RateMatch, b: RateMatch): boolean {
  return bySpecificity(a, b) === 0 && modelsMeet(a.model, b.model) && attributesMeet(a, b);
}

/** M2, of many: each row that clashes, with the first before it that it clashes with. Rows for a name cost hardly more than reading them. */
export function clashes<Row extends RateMatch>(
  rows: readonly Row[],
): { readonly row: Row; readonly before: Row }[] {
  const alike = Map.groupBy(rows, specificityOf);
  return [...alike.values()].flatMap((same) =>
    same.flatMap((row, at) => {
      const before = same.slice(0, at).find((one) => clash(one, row));
      return before === undefined ? [] : { row, before };
    }),
  );
}

/** Equal where two rows may clash. */
function specificityOf(match: RateMatch): string {
  const { model } = match;
  return `${attributeCount(match)}/${spelledOut(model)}/${model === null || isPattern(model) ? "" : model}`;
}

/** Whether a model's text stands for more than itself. */
export const isPattern = (model: string): boolean => model.includes(wildcard);

const wildcard = "*";
const attributeCount = ({ attributes }: RateMatch): number => Object.keys(attributes).length;

/** How much of the model stands there: all of it, so many characters, or nothing. */
function spelledOut(model: string | null): number {
  if (model === null) return -1;
  return isPattern(model) ? model.replaceAll(wildcard, "").length : Number.MAX_SAFE_INTEGER;
}

/** Whether a text is what a pattern stands for; without `*` it stands for itself. */
export function fits(pattern: string, text: string): boolean {
  const wild = pattern.indexOf(wildcard);
  if (wild < 0) return pattern === text;
  // Nearly every pattern ends with its one wildcard.
  if (wild === pattern.length - 1) return text.startsWith(pattern.slice(0, wild));
  const [first = "", ...rest] = pattern.split(wildcard);
  const last = rest.pop();
  if (last === undefined) return false;
  if (!text.startsWith(first) || text.length < first.length + last.length) return false;
  let from = first.length;
  const end = text.length - last.length;
  for (const part of rest) {
    const at = text.indexOf(part, from);
    if (at < 0 || at + part.length > end) return false;
    from = at + part.length;
  }
  return text.endsWith(last);
}

function modelsMeet(a: string | null, b: string | null): boolean {
  return a === null || b === null || patternsMeet(a, b);
}

/** Whether what both spell out before their first wildcard, and after their last, can stand in one text. */
function endsMeet(a: string, b: string): boolean {
  const [headA, headB] = [a.slice(0, endOfHead(a)), b.slice(0, endOfHead(b))];
  const [tailA, tailB] = [
    a.slice(a.lastIndexOf(wildcard) + 1),
    b.slice(b.lastIndexOf(wildcard) + 1),
  ];
  return (
    (headA.startsWith(headB) || headB.startsWith(headA)) &&
    (tailA.endsWith(tailB) || tailB.endsWith(tailA))
  );
}

function endOfHead(pattern: string): number {
  const at = pattern.indexOf(wildcard);
  return at < 0 ? pattern.length : at;
}

/** Whether some text fits both: by what is left of each, from the end to the beginning. */
function patternsMeet(a: string, b: string): boolean {
  if (!endsMeet(a, b)) return false;
  let meets = restsOf(b, (left) => isAll(left));
  for (let at = a.length - 1; at >= 0; at -= 1) {
    const before = meets;
    const current = a[at];
    meets = [];
    for (let other = b.length; other >= 0; other -= 1) {
      const [skipsOwn, skipsOther, skipsBoth] = [
        before[other],
        meets[other + 1],
        before[other + 1],
      ];
      const next = b[other];
      const isMet =
        current === wildcard
          ? skipsOwn === true || (other < b.length && skipsOther === true)
          : next === wildcard
            ? skipsOther === true || skipsOwn === true
            : current === next && skipsBoth === true;
      meets[other] = isMet;
    }
  }
  return meets[0] === true;
}

const isAll = (rest: string): boolean => rest.replaceAll(wildcard, "") === "";

function restsOf(text: string, ask: (rest: string) => boolean): boolean[] {
  return Array.from({ length: text.length + 1 }, (_, at) => ask(text.slice(at)));
}

function attributesMeet(a: RateMatch, b: RateMatch): boolean {
  return Object.entries(a.attributes).every(
    ([name, value]) => !Object.hasOwn(b.attributes, name) || b.attributes[name] === value,
  );
}
