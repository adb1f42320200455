import type { CloudEvent, EventPage, EventQuery } from "@cistern/contract";
import type { CallOptions } from "./call-options.ts";
import type { Calls, Within } from "./calls.ts";
import { durationMs } from "./duration.ts";
import type { Environment } from "./environment.ts";
import { CisternUnavailable } from "./errors.ts";
import type { EventsClient, FollowOptions, FollowedEvent } from "./events.ts";

const followWait = "PT30S";
const followLimit = 100;
/** After an outage, or where the server did not wait: it has too many who do, or stops. */
const pauseMs = 1_000;

export function eventsClient(
  calls: Pick<Calls, "read">,
  within: Within,
  environment: Environment,
): EventsClient {
  const page = async (query: EventQuery = {}, options: CallOptions = {}): Promise<EventPage> => {
    const waitMs = query.wait === undefined ? 0 : durationMs(query.wait);
    return await calls.read<EventPage>(within("events"), query, { ...options, waitMs });
  };
  async function* follow({ after = "0.0", types, signal }: FollowOptions = {}): AsyncGenerator<
    FollowedEvent,
    never,
    undefined
  > {
    const filter = types === undefined ? {} : { types };
    const options = signal === undefined ? {} : { signal };
    for (let cursor = after; ;) {
      const query = { after: cursor, limit: followLimit, wait: followWait, ...filter };
      const asked = environment.now();
      const { data, next } = await unlessOut(page(query, options), cursor);
      for (const event of data) yield { event, cursor: cursorAfter(event) };
      const isIdle = data.length === 0 && next === cursor;
      cursor = next;
      if (isIdle && environment.now() - asked < pauseMs) await pause(environment, signal);
    }
  }
  return Object.assign(page, { follow });
}

/** Where no answer came, nothing is new. */
async function unlessOut(asked: Promise<EventPage>, cursor: string): Promise<EventPage> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof CisternUnavailable && error.isOutage) return { data: [], next: cursor };
    throw error;
  }
}

/** What stands in its id behind the workspace: `acme:9.0:1f3a90bc` gives `9.0.1f3a90bc`. */
const cursorAfter = ({ id }: CloudEvent): string => id.split(":").slice(-2).join(".");

async function pause(
  environment: Pick<Environment, "setTimer">,
  signal: AbortSignal | undefined,
): Promise<void> {
  signal?.throwIfAborted();
  await new Promise<void>((resolve, reject) => {
    const abort = (): void => {
      cancel();
      reject(signal?.reason);
    };
    const cancel = environment.setTimer(
      pauseMs,
      () => {
        signal?.removeEventListener("abort", abort);
        resolve();
      },
      false,
    );
    signal?.addEventListener("abort", abort, { once: true });
  });
}
