/** The reference as a reader uses it: in a browser, with a key, from an empty server to a first hold. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Locator, Page } from "playwright-core";
import { openPage, startBrowser } from "../browser.ts";
import { startApi, valueAt } from "./api-server.ts";

const api = await startApi();
const browser = await startBrowser();

test("a first hold is opened in the reference with the examples as they stand, and nothing is asked of elsewhere", async () => {
  const { page, complaints } = await openPage(browser, api.url);
  await page.goto(`${api.url}/docs/`);
  await authorize(page, api.key);
  const answers = {
    workspace: await tryOut(page, "Workspaces-createWorkspace"),
    grant: await tryOut(page, "Credits-createGrant"),
    hold: await tryOut(page, "Spending-openHold"),
  };
  for (const [name, { status, body }] of Object.entries(answers))
    assert.equal(status, "201", `${name}: ${JSON.stringify(body)}`);
  const { hold } = answers;
  assert.equal(valueAt(hold.body, "status"), "open");
  const { body } = await api.get("/v1/workspaces/acme/balance");
  assert.equal(valueAt(body, "held"), valueAt(hold.body, "credits"));
  assert.deepEqual(complaints, []);
});

async function authorize(page: Page, key: string): Promise<void> {
  await page.locator(".auth-wrapper button.authorize").click();
  await page.locator(".auth-container input").fill(key);
  await page.locator(".auth-btn-wrapper button.authorize").click();
  await page.locator(".auth-btn-wrapper button.btn-done").click();
}

/** Sends an operation as the page has filled it in. */
async function tryOut(page: Page, name: string): Promise<{ status: string; body: unknown }> {
  const operation = page.locator(`#operations-${name}`);
  await scrollTo(page, operation);
  await operation.locator(".opblock-summary-control").click();
  await operation.locator(".execute").click();
  const answer = operation.locator(".live-responses-table .response");
  const status = await answer.locator(".response-col_status").innerText();
  const body: unknown = JSON.parse(await answer.locator(".highlight-code code").innerText());
  await operation.locator(".opblock-summary-control").click();
  return { status: status.trim(), body };
}

/** The page draws a section when its reader gets near it. */
async function scrollTo(page: Page, operation: Locator): Promise<void> {
  for (let turn = 0; turn < 200 && (await operation.count()) === 0; turn += 1) {
    await page.mouse.wheel(0, 400);
    await page.waitForTimeout(50);
  }
}
