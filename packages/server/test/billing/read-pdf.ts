import { getDocument } from "pdfjs-dist/legacy/build/pdf.mjs";

/** The text of each page, a line of the page a line, as a reader of PDF finds it. */
export async function pagesOf(bytes: Uint8Array): Promise<readonly string[]> {
  const task = getDocument({ data: new Uint8Array(bytes), verbosity: 0 });
  const file = await task.promise;
  const pages: string[] = [];
  for (let number = 1; number <= file.numPages; number += 1) {
    const page = await file.getPage(number);
    const { items } = await page.getTextContent();
    const lines = new Map<number, [number, string][]>();
    for (const item of items) {
      if (!("str" in item) || item.str.trim() === "") continue;
      const [x = 0, y = 0] = item.transform.slice(4).map(Number);
      const line = Math.round(y);
      lines.set(line, [...(lines.get(line) ?? []), [x, item.str]]);
    }
    pages.push(
      [...lines]
        .toSorted(([a], [b]) => b - a)
        .map(([, words]) =>
          words
            .toSorted(([a], [b]) => a - b)
            .map(([, word]) => word)
            .join(" "),
        )
        .join("\n"),
    );
  }
  await task.destroy();
  return pages;
}

/** Where words of a page stand, in points from its left and its foot. */
export interface Word {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
}

/** The words of the first page. */
export async function wordsOf(bytes: Uint8Array): Promise<readonly Word[]> {
  const task = getDocument({ data: new Uint8Array(bytes), verbosity: 0 });
  const page = await (await task.promise).getPage(1);
  const { items } = await page.getTextContent();
  const words = items.flatMap((item): Word[] => {
    if (!("str" in item) || item.str.trim() === "") return [];
    const [x = 0, y = 0] = item.transform.slice(4).map(Number);
    return [{ text: item.str, x, y, width: item.width }];
  });
  await task.destroy();
  return words;
}
