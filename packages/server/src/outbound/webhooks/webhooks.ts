/**
 * Owns endpoints on a node: they are set in the database, and each node takes them up within seconds.
 *
 * W1 a key of one workspace sees and makes endpoints of that workspace alone. W2 an endpoint begins with what is recorded after it was made. W3 what is
 * disabled or removed here is sent nothing more from here at once, and by other nodes after their next look. W4 a node that cannot open a secret sends
 * nothing to that endpoint, says so, and leaves it to nodes that can.
 */
import { limits } from "@cistern/contract";
import type { EngineClock } from "../../engine/index.ts";
import type { CursorRows } from "../cursor-rows.ts";
import type { OutboundLogEntry } from "../log.ts";
import type { Pump } from "../pump.ts";
import { type AddressRules, readEndpointUrl } from "./address-guard.ts";
import type { Attempt, AttemptLog } from "./attempt-log.ts";
import { type DeliveryAround, consumerOf, faultOf, isTaken, sendEvent } from "./deliveries.ts";
import type { Endpoint } from "./endpoint.ts";
import type { EndpointRows, EndpointSettings, Named } from "./endpoint-rows.ts";
import type { Sent } from "./send.ts";
import { newSecret } from "./sign.ts";

/** What webhooks stand on. */
export interface WebhooksOptions extends Omit<DeliveryAround, "disable" | "clock" | "log"> {
  readonly endpoints: EndpointRows;
  readonly attempts: AttemptLog;
  readonly cursors: CursorRows;
  readonly pump: Pick<Pump, "put" | "remove" | "wake">;
  readonly rules: AddressRules;
  readonly clock: EngineClock;
  readonly randomBytes: (length: number) => Uint8Array;
  readonly log: (entry: OutboundLogEntry) => void;
  /** From look to look for what other nodes set; left out: 5 seconds. */
  readonly lookMs?: number | undefined;
}

/** What a test came to. */
export interface Tested {
  readonly eventId: string;
  readonly sent: Sent;
  readonly isTaken: boolean;
  readonly fault: string | undefined;
}

/** An endpoint, and the secret that is shown this once. */
export interface WithSecret {
  readonly endpoint: Endpoint;
  readonly secret: string;
}

/** What a call that sets an endpoint came to. */
export type EndpointPut =
  | ({ readonly kind: "made" } & WithSecret)
  | { readonly kind: "changed"; readonly endpoint: Endpoint }
  | { readonly kind: "bad_url"; readonly reason: string }
  /** The id is another's. */
  | { readonly kind: "unknown" }
  | { readonly kind: "too_many" };

/** Endpoints, and the sending to them. Methods give undefined where there is no such endpoint of the caller's. */
export interface Webhooks {
  put(named: Named, settings: EndpointSettings): Promise<EndpointPut>;
  read(named: Named): Promise<Endpoint | undefined>;
  list(page: {
    readonly after: string;
    readonly boundTo: string | undefined;
    readonly limit: number;
  }): Promise<readonly Endpoint[]>;
  remove(named: Named): Promise<boolean>;
  /** The same key again gives the same secret. */
  rotate(named: Named, overlapMs: number, key: string): Promise<WithSecret | undefined>;
  test(named: Named): Promise<Tested | undefined>;
  attempts(
    named: Named,
    page: { readonly before: string | undefined; readonly limit: number },
  ): Promise<readonly Attempt[] | undefined>;
  replay(named: Named, sinceMs: number, workspaceId?: string): Promise<Endpoint | undefined>;
  enable(named: Named): Promise<Endpoint | undefined>;
  /** Endpoints that are disabled, as of the last look. */
  disabled(): number;
  start(): void;
  stop(): Promise<void>;
}

const lookMsDefault = 5_000;
const pageMax = 200;
const oldSecretsMax = 5;

/** See the file head. */
export function createWebhooks(options: WebhooksOptions): Webhooks {
  const node = new EndpointsOfNode(options);
  const { endpoints, attempts, cursors, pump, rules, clock, newId, randomBytes } = options;
  return {
    async put(named, settings) {
      const url = readEndpointUrl(settings.url, rules);
      if (typeof url === "string") return { kind: "bad_url", reason: url };
      const changed = await endpoints.update(named, settings);
      if (changed !== undefined) {
        await node.look();
        return { kind: "changed", endpoint: changed };
      }
      const secret = newSecret(randomBytes);
      const made = await endpoints.insert(
        {
          ...named,
          ...settings,
          consumer: `webhook/${named.id}/${newId("whk")}`,
          secret,
          createdAtMs: clock.now(),
        },
        { ofOne: limits.workspaceWebhooksMax, all: limits.webhooksMax },
      );
      if (made !== undefined) {
        await node.look();
        return { kind: "made", endpoint: made, secret };
      }
      const isTakenId = (await endpoints.read({ id: named.id, boundTo: undefined })) !== undefined;
      return { kind: isTakenId ? "unknown" : "too_many" };
    },
    read: (named) => endpoints.read(named),
    list: (page) => endpoints.list(page),
    async remove(named) {
      const consumer = await endpoints.remove(named);
      if (consumer === undefined) return false;
      await pump.remove(consumer);
      await cursors.forget(consumer);
      await attempts.forget(consumer);
      return true;
    },
    async rotate(named, overlapMs, key) {
      const known = await endpoints.read(named);
      if (known === undefined) return undefined;
      const { secret, oldSecrets } = known;
      if (known.rotatedBy === key && secret !== undefined) return { endpoint: known, secret };
      const untilMs = clock.now() + overlapMs;
      const old = [...(secret === undefined ? [] : [{ secret, untilMs }]), ...oldSecrets];
      const to = {
        secret: newSecret(randomBytes),
        old: old.filter((one) => one.untilMs > clock.now()).slice(0, oldSecretsMax),
        by: key,
      };
      const rotated = await endpoints.rotate(known, to);
      await node.look();
      // Of two calls at once one is later: it rotates what the other one made.
      return rotated === undefined
        ? await this.rotate(named, overlapMs, key)
        : { endpoint: rotated, secret: to.secret };
    },
    async test(named) {
      const endpoint = await endpoints.read(named);
      if (endpoint === undefined) return undefined;
      const eventId = newId("test");
      const sent = await sendEvent(endpoint, testEvent(endpoint, eventId), options);
      return { eventId, sent, isTaken: isTaken(sent), fault: faultOf(sent) };
    },
    async attempts(named, { before, limit }) {
      const endpoint = await endpoints.read(named);
      return endpoint === undefined
        ? undefined
        : await attempts.list(endpoint.consumer, before, limit);
    },
    async replay(named, sinceMs, workspaceId) {
      const endpoint = await endpoints.read(named);
      if (endpoint === undefined) return undefined;
      const { consumer, workspaces } = endpoint;
      await cursors.replay(
        consumer,
        sinceMs,
        workspaceId === undefined ? workspaces : [workspaceId],
      );
      pump.wake(consumer);
      return endpoint;
    },
    async enable(named) {
      const endpoint = await endpoints.enable(named);
      if (endpoint === undefined) return undefined;
      await cursors.dueNow(endpoint.consumer);
      await node.look();
      pump.wake(endpoint.consumer);
      return endpoint;
    },
    disabled: () => node.disabled,
    start: () => node.start(),
    stop: () => node.stop(),
  };
}

const testEvent = ({ id }: Endpoint, eventId: string) => ({
  specversion: "1.0",
  id: eventId,
  source: `/webhooks/${id}`,
  type: "webhook.test",
  datacontenttype: "application/json",
  data: { message: "This endpoint can be reached." },
});

/** Holds the pump to the table. Mutable. */
class EndpointsOfNode {
  disabled = 0;
  readonly #options: WebhooksOptions;
  /** What the pump drives, by consumer, as it was read. */
  readonly #known = new Map<string, string>();
  readonly #locked = new Set<string>();
  #looking: Promise<void> = Promise.resolve();
  #isRunning = false;
  #cancel = (): void => {};

  constructor(options: WebhooksOptions) {
    this.#options = options;
  }

  start(): void {
    this.#isRunning = true;
    void this.#lookOn();
  }

  async stop(): Promise<void> {
    this.#isRunning = false;
    this.#cancel();
    await this.#looking;
    await this.#options.attempts.flush();
  }

  /** One look after the other; a node that does not run takes up nothing. */
  look(): Promise<void> {
    if (!this.#isRunning) return Promise.resolve();
    return (this.#looking = this.#looking.then(() => this.#takeUp()));
  }

  async #lookOn(): Promise<void> {
    const { clock, lookMs = lookMsDefault } = this.#options;
    await this.look();
    if (this.#isRunning) this.#cancel = clock.after(lookMs, () => void this.#lookOn());
  }

  async #takeUp(): Promise<void> {
    const { endpoints, pump, log } = this.#options;
    try {
      const active = new Set<string>();
      let disabled = 0;
      for (let after = "", isLast = false; !isLast;) {
        const page = await endpoints.list({ after, boundTo: undefined, limit: pageMax });
        for (const endpoint of page)
          if (endpoint.disabled !== undefined) disabled += 1;
          else if (this.#isOpen(endpoint)) {
            active.add(endpoint.consumer);
            this.#put(endpoint);
            await endpoints.reseal(endpoint);
          }
        after = page.at(-1)?.id ?? after;
        isLast = page.length < pageMax;
      }
      this.disabled = disabled;
      for (const consumer of this.#known.keys()) {
        if (active.has(consumer)) continue;
        this.#known.delete(consumer);
        // Whoever disables is in the midst of a delivery: nobody waits for its end here.
        void pump.remove(consumer);
      }
    } catch (cause) {
      const message = "Endpoints of webhooks could not be read; they are read again.";
      log({ level: "warn", code: "webhooks_unread", consumer: "webhooks", message, cause });
    }
  }

  /** W4. Said once. */
  #isOpen({ id, consumer, secret }: Endpoint): boolean {
    if (secret !== undefined) {
      this.#locked.delete(consumer);
      return true;
    }
    if (!this.#locked.has(consumer)) {
      this.#locked.add(consumer);
      const message = `The secret of webhook ${id} is sealed by a key that is not in CISTERN_SECRET_KEY: nothing is sent to it from here. Give this node the key, or POST /v1/webhooks/${id}/rotate.`;
      this.#options.log({ level: "error", code: "webhook_locked", consumer, message });
    }
    return false;
  }

  #put(endpoint: Endpoint): void {
    const text = JSON.stringify(endpoint);
    if (this.#known.get(endpoint.consumer) === text) return;
    this.#known.set(endpoint.consumer, text);
    const { pump, attempts, ...around } = this.#options;
    const disable = (one: Endpoint, reason: string) => this.#disable(one, reason);
    pump.put(consumerOf(endpoint, { ...around, log: attempts, disable }));
  }

  async #disable({ id, consumer }: Endpoint, reason: string): Promise<void> {
    const { endpoints, clock, log } = this.#options;
    const disabled = await endpoints.disable(consumer, clock.now(), reason);
    if (disabled !== undefined) {
      const message = `Webhook ${id} is disabled: ${reason} Mend it, then POST /v1/webhooks/${id}/enable: it goes on where it stood.`;
      log({ level: "error", code: "webhook_disabled", consumer, message });
    }
    void this.look();
  }
}
