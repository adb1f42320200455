import type { Route } from "@cistern/contract";
import type { FastifyReply, FastifyRequest } from "fastify";
import { type AnswerFile, type FileFormat, hasFormat } from "../answers/file.ts";

/** The form in which an answer is wanted, by `?format`, else by `Accept`; undefined: as JSON. */
export function wantedFormat(
  route: Route,
  { query, headers: { accept = "" } }: Pick<FastifyRequest, "query" | "headers">,
): FileFormat | undefined {
  if (route.isTable !== true && route.isInvoice !== true) return undefined;
  const said: unknown =
    typeof query === "object" && query !== null && "format" in query ? query.format : undefined;
  const accepted = accept.includes("application/json")
    ? undefined
    : (["pdf", "csv"] as const).find(
        (format) => accept.includes(acceptedAs[format]) && hasFormat(route, format),
      );
  if (said === undefined) return accepted;
  return (["csv", "pdf"] as const).find((format) => format === said && hasFormat(route, format));
}

const acceptedAs = { csv: "text/csv", pdf: "application/pdf" } as const;

/** Sends a file. */
export function sendFile(
  reply: FastifyReply,
  { bytes, contentType, fileName }: AnswerFile,
): FastifyReply {
  if (fileName !== undefined) reply.header("content-disposition", `inline; filename="${fileName}"`);
  return reply.code(200).header("content-type", contentType).send(bytes);
}
