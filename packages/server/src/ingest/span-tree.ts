/**
 * Owns which spans lie around others. A span that lies within itself, by way of others, lies within nobody: whoever sent that, both are seen.
 */

/** What tells a span from all others. */
export interface SpanIds {
  readonly traceId: string;
  readonly spanId: string;
}

/** A span with the one that it lies within; undefined: in none, or it is not known yet. */
export interface SpanLink extends SpanIds {
  readonly parentSpanId: string | undefined;
}

/** The ids as one text. */
export const placeOf = ({ traceId, spanId }: SpanIds): string => `${traceId}:${spanId}`;

/** Every span that one of these lies within, however deep, by what is known of who lies within whom. */
export function spansAround(
  inner: readonly SpanIds[],
  links: Iterable<SpanLink>,
): ReadonlyMap<string, SpanIds> {
  const parents = new Map<string, SpanIds>();
  for (const { parentSpanId, ...span } of links)
    if (parentSpanId !== undefined)
      parents.set(placeOf(span), { traceId: span.traceId, spanId: parentSpanId });
  const around = new Map<string, SpanIds>();
  for (const span of inner) {
    const own = placeOf(span);
    const chain = new Map<string, SpanIds>();
    let parent = parents.get(own);
    let place = parent === undefined ? undefined : placeOf(parent);
    // What is around one that came before has had its own ancestors found.
    while (parent !== undefined && place !== undefined && place !== own && !chain.has(place)) {
      if (around.has(place)) break;
      chain.set(place, parent);
      parent = parents.get(place);
      place = parent === undefined ? undefined : placeOf(parent);
    }
    if (place !== own) for (const [name, ids] of chain) around.set(name, ids);
  }
  return around;
}
