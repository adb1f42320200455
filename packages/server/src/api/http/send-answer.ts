import type { FastifyReply } from "fastify";
import type { Answer } from "../calls/operation.ts";

const problemType = "application/problem+json";

/** Writes an answer with all the headers that it asks for. */
export function sendAnswer(reply: FastifyReply, answer: Answer): FastifyReply {
  const { rateLimit } = answer;
  if (rateLimit !== undefined) {
    reply.header("ratelimit-policy", rateLimit.policy);
    reply.header("ratelimit", rateLimit.limit);
  }
  if (answer.kind === "refused") {
    const { problem, retryAfter } = answer;
    if (retryAfter !== undefined) reply.header("retry-after", retryAfter);
    // Bytes, so that Fastify leaves the type as it is: it knows no charset.
    return reply
      .code(problem.status)
      .header("content-type", problemType)
      .serializer(JSON.stringify)
      .send(problem);
  }
  if (answer.isReplayed === true) reply.header("idempotency-replayed", "true");
  return reply.code(answer.status).send(answer.body);
}
