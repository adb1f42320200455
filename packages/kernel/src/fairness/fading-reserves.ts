/** The policy itself: numbers in, numbers out, and no state (FAIRNESS, section 1). What stands around it keeps rows and reads events. */
export { type Span, startOfTick, tickAt, ticksOfPeriod } from "./clock.ts";
export {
  type Draw,
  type Now,
  type PathNode,
  type SharePath,
  consume,
  draw,
  mostDrawn,
} from "./draw.ts";
export { joining, lineFor } from "./joining.ts";
export { type Place, layOut } from "./lay-out.ts";
export { type ShareNode, guestsId, lineAt, rootId, seatWeight } from "./node.ts";
export { type Nodes, Standing } from "./standing.ts";
