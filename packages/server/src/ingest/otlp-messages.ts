/**
 * Owns the bytes of OTLP: protobuf to the form that OTLP has as JSON, and answers back. Only fields that are read are described, so that
 * all else is passed over as it comes; a value of an attribute is one of four kinds, so that nothing nests.
 */
import protobuf from "protobufjs/light.js";

const nanos = (id: number): protobuf.IField => ({ type: "fixed64", id });
const many = (type: string, id: number): protobuf.IField => ({ rule: "repeated", type, id });

const root = protobuf.Root.fromJSON({
  nested: {
    ExportTraceServiceRequest: { fields: { resourceSpans: many("ResourceSpans", 1) } },
    ResourceSpans: {
      fields: { resource: { type: "Resource", id: 1 }, scopeSpans: many("ScopeSpans", 2) },
    },
    Resource: { fields: { attributes: many("KeyValue", 1) } },
    ScopeSpans: { fields: { spans: many("Span", 2) } },
    Span: {
      fields: {
        traceId: { type: "bytes", id: 1 },
        spanId: { type: "bytes", id: 2 },
        parentSpanId: { type: "bytes", id: 4 },
        name: { type: "string", id: 5 },
        startTimeUnixNano: nanos(7),
        endTimeUnixNano: nanos(8),
        attributes: many("KeyValue", 9),
      },
    },
    KeyValue: { fields: { key: { type: "string", id: 1 }, value: { type: "AnyValue", id: 2 } } },
    AnyValue: {
      oneofs: { value: { oneof: ["stringValue", "boolValue", "intValue", "doubleValue"] } },
      fields: {
        stringValue: { type: "string", id: 1 },
        boolValue: { type: "bool", id: 2 },
        intValue: { type: "int64", id: 3 },
        doubleValue: { type: "double", id: 4 },
      },
    },
    ExportTraceServiceResponse: { fields: { partialSuccess: { type: "PartialSuccess", id: 1 } } },
    PartialSuccess: {
      fields: { rejectedSpans: { type: "int64", id: 1 }, errorMessage: { type: "string", id: 2 } },
    },
    Status: { fields: { code: { type: "int32", id: 1 }, message: { type: "string", id: 2 } } },
  },
});

const request = root.lookupType("ExportTraceServiceRequest");
const response = root.lookupType("ExportTraceServiceResponse");
const status = root.lookupType("Status");

/** Bytes that are no message; the cause says where. */
export class MalformedMessage extends Error {
  override readonly name = "MalformedMessage";
}

/**
 * A request in the form that it has as JSON: whole numbers of 64 bits as text, ids as bytes.
 *
 * @throws MalformedMessage
 */
export function decodeTraces(bytes: Uint8Array): unknown {
  try {
    return request.toObject(request.decode(bytes), { longs: String, defaults: false });
  } catch (cause) {
    // Whatever a decoder throws at bytes that others made is about the bytes.
    throw new MalformedMessage("the body is no ExportTraceServiceRequest that can be read", {
      cause,
    });
  }
}

/** The answer to a request, as bytes. */
export const encodeTaken = (answer: object): Uint8Array =>
  response.encode(response.fromObject(answer)).finish();

/** Why there is no answer, as a `google.rpc.Status`; OTLP leaves its code alone. */
export const encodeStatus = (message: string): Uint8Array =>
  status.encode(status.fromObject({ message })).finish();
