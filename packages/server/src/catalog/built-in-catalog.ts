import { defineCatalog } from "./define-catalog.ts";

/** In force until a catalog is pushed, and what the demo is played with: one credit is about a US cent. The README lists it. */
export const builtInCatalog = defineCatalog({
  meters: {
    chat: {
      buckets: [
        "input_text",
        "input_image",
        "cache_read",
        "cache_write_5m",
        "output_text",
        "output_reasoning",
      ],
    },
    embedding: { buckets: ["input_text"] },
    image: { buckets: ["images"] },
    transcription: { buckets: ["seconds"] },
    search: { buckets: ["requests"] },
  },
  rateCards: {
    "built-in": {
      rows: [
        chat("gpt-6.1-sol", { input: "200", cached: "10", output: "1000" }),
        chat("gpt-6.1-terra", { input: "100", cached: "5", output: "500" }),
        chat("claude-sonnet-5-5", { input: "200", cached: "10", output: "1000" }),
        chat("claude-haiku-4-5", { input: "100", cached: "10", output: "500" }),
        chat("gemini-3.8-flash", { input: "150", cached: "15", output: "750" }),
        // These end in 2026 (11 December, the same day, 30 November, 1 December), and stay for what was used of them and is told late.
        chat("gpt-5", { input: "125", cached: "12.5", output: "1000" }),
        chat("gpt-5-mini", { input: "25", cached: "2.5", output: "200" }),
        chat("claude-sonnet-4-5", { input: "300", cached: "30", output: "1500" }),
        chat("gemini-2.5-pro", { input: "125", cached: "31.25", output: "1000" }),
        { meter: "embedding", model: "text-embedding-3-small", perMillion: { input_text: "2" } },
        { meter: "embedding", model: "text-embedding-3-large", perMillion: { input_text: "13" } },
        { meter: "image", perMillion: { images: "4000000" } },
        { meter: "transcription", perMillion: { seconds: "10000" } },
        { meter: "search", perMillion: { requests: "1000000" } },
      ],
    },
  },
});

function chat(
  model: string,
  { input, cached, output }: { input: string; cached: string; output: string },
) {
  return {
    meter: "chat",
    model,
    perMillion: {
      input_text: input,
      input_image: input,
      cache_read: cached,
      cache_write_5m: input,
      output_text: output,
      output_reasoning: output,
    },
  } as const;
}
