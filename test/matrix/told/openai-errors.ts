/** OpenAI's errors: a call that it refuses, and one that it asks to be sent again. */
import { type Script, answering } from "../../../packages/client/test/collectors/provider.ts";
import type { End, Told } from "../cell.ts";

/** Nothing was delivered. */
export const refused: Told = {
  provider: [answering({ error: { message: "No such model", code: "model_not_found" } }, 404)],
  expected: ["released"],
};

/** Each attempt is held and ends by itself. */
export const retried = (answer: Script, end: End): Told => ({
  provider: [answering({ error: { message: "overloaded" } }, 503), answer],
  expected: ["released", end],
});
