import type { EventData, EventType } from "@cistern/contract";

/** The type of an event and its data, which go together. `data` may have the place beside it, which leaves in the event's id. */
export type ToldEvent = {
  readonly [Type in EventType]: { readonly type: Type; readonly data: EventData[Type] };
}[EventType];

/** One of some types. */
export type ToldOf<Type extends EventType> = Extract<ToldEvent, { readonly type: Type }>;
