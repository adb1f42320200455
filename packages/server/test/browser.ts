/** A real browser for tests: on Linux the one that npm brings, elsewhere the Chrome that is installed. */
import { after } from "node:test";
import { type Browser, type Page, chromium } from "playwright-core";

/** A page, and what it asked of other hosts or complained about. */
export interface OpenPage {
  readonly page: Page;
  /** URLs outside `origin`, and errors of the console. Mutable: grows while the page lives. */
  readonly complaints: readonly string[];
}

/** Starts a browser; it ends after the file. */
export async function startBrowser(): Promise<Browser> {
  const browser = await chromium.launch(await launchOptions());
  after(() => browser.close());
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

async function launchOptions(): Promise<Parameters<typeof chromium.launch>[0]> {
  if (process.platform !== "linux" || process.arch !== "x64") return { channel: "chrome" };
  // Asks for the system libraries too that a bare machine has not; they are loaded when the module is.
  process.env["AWS_EXECUTION_ENV"] ??= "AWS_Lambda_nodejs22.x";
  const { default: packaged } = await import("@sparticuz/chromium");
  packaged.setGraphicsMode = false;
  // Tests run as root too, where Chromium's sandbox refuses.
  return { executablePath: await packaged.executablePath(), args: ["--no-sandbox"] };
}
