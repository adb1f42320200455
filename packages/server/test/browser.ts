/** A real browser for tests: on Linux the one that npm brings, elsewhere the Chrome that is installed. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after } from "node:test";
import { type Browser, type Page, chromium } from "playwright-core";
import { temporaryFolder } from "./temporary-folder.ts";

/** A page, and what it asked of other hosts or complained about. */
export interface OpenPage {
  readonly page: Page;
  /** URLs outside `origin`, and errors of the console. Mutable: grows while the page lives. */
  readonly complaints: readonly string[];
}

/** Starts a browser; it ends after the file. */
export async function startBrowser(): Promise<Browser> {
  const folder = await temporaryFolder();
  const browser = await chromium.launch(await launchOptions(folder.path));
  after(async () => {
    await browser.close();
    await folder.remove();
  });
  return browser;
}

/** Opens an empty page that listens for what must not happen. */
export async function openPage(browser: Browser, origin: string): Promise<OpenPage> {
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(`${origin}/`) && !url.startsWith("data:")) complaints.push(url);
  });
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  return { page, complaints };
}

async function launchOptions(folder: string): Promise<Parameters<typeof chromium.launch>[0]> {
  if (process.platform !== "linux" || process.arch !== "x64") return { channel: "chrome" };
  const { AWS_EXECUTION_ENV: environment, TMPDIR: temporary } = process.env;
  // Unpacked afresh: the package takes whatever stands in the system's folder, half a file or another version's too.
  process.env["TMPDIR"] = folder;
  // So that it brings the system libraries that a bare machine has not.
  process.env["AWS_EXECUTION_ENV"] = "AWS_Lambda_nodejs22.x";
  try {
    const { default: packaged } = await import("@sparticuz/chromium");
    packaged.setGraphicsMode = false;
    const executablePath = await packaged.executablePath();
    const fonts = join(folder, "fonts/fonts.conf");
    await writeFile(fonts, (await readFile(fonts, "utf8")).replaceAll("/tmp/", `${folder}/`));
    // Tests run as root too, where Chromium's sandbox refuses.
    return { executablePath, args: ["--no-sandbox"] };
  } finally {
    restore("TMPDIR", temporary);
    restore("AWS_EXECUTION_ENV", environment);
  }
}

function restore(name: string, value: string | undefined): void {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
}
