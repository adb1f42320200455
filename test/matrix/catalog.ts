/** Owns what the matrix is priced by: each bucket has a price of its own, so that none is counted as another. */
import { defineCatalog } from "../../packages/server/src/index.ts";

const buckets = {
  chat: [
    "input_text",
    "input_audio",
    "input_image",
    "cache_read",
    "cache_write_5m",
    "cache_write_1h",
    "output_text",
    "output_reasoning",
    "output_audio",
    "output_image",
  ],
  embedding: ["input_text"],
  image: ["images", "input_text", "input_image", "output_image", "output_text"],
  speech: ["characters", "input_text", "output_audio"],
  transcription: ["seconds", "input_audio", "input_text", "output_text"],
  tool: ["requests"],
};

/** See the file head. */
export const catalog = defineCatalog({
  meters: Object.fromEntries(
    Object.entries(buckets).map(([meter, own]) => [meter, { buckets: own }]),
  ),
  rateCards: {
    matrix: {
      rows: Object.entries(buckets).map(([meter, own]) => ({
        meter,
        perMillion: Object.fromEntries(own.map((bucket) => [bucket, "1"])),
      })),
    },
  },
});
