/** What a phone's network and system do to an upload in the middle of it. */

import type { Browser, Page, Request } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { signUp } from "../tests/support/people.js";
import { openBrowser, PATIENCE_MS, shot, type Phone } from "./support/browser.js";
import { patches } from "./support/pictures.js";
import { heading, upload, withPhone } from "./support/steps.js";

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(async () => browser.close());

/** Bytes a second at which the picture below takes several seconds. */
const SLOW = 400_000;

/** About 3 MB: more than one request of an upload. */
const large = () => patches(1200, 900);

test("an upload on a slow network arrives", async () => {
  await withPhone(browser, await signUp("ada"), async (phone) => {
    const become = await networkOf(phone);
    await become("slow");
    await upload(phone, large());
    await partSent(phone);
    await shot(phone, "network-1-slow");
    await heading(phone, "Published");
  });
});

test("an upload whose network is cut waits, and goes on from where it was", async () => {
  await withPhone(
    browser,
    await signUp("ada"),
    async (phone) => {
      const sent = offsetsOf(phone.page);
      const become = await networkOf(phone);
      await become("slow");
      await upload(phone, large());
      await partSent(phone);
      await become("cut");
      await heading(phone, "Waiting for a connection");
      await shot(phone, "network-2-cut");
      await become("quick");
      await heading(phone, "Published");
      expect(sent.filter((offset) => offset === 0)).toHaveLength(1);
    },
    { networkIsCut: true },
  );
});

test("an upload that the app's restart interrupts goes on from where it was", async () => {
  await withPhone(
    browser,
    await signUp("ada"),
    async (phone) => {
      const become = await networkOf(phone);
      await become("slow");
      await upload(phone, large());
      await partSent(phone);
      const sent = offsetsOf(phone.page);
      await phone.page.reload();
      await heading(phone, "Published");
      expect(sent.length).toBeGreaterThan(0);
      expect(Math.min(...sent)).toBeGreaterThan(0);
    },
    { networkIsCut: true },
  );
});

test("a sign-in whose token has run out is renewed, and the upload arrives", async () => {
  await withPhone(browser, await signUp("ada"), async (phone) => {
    const { page } = phone;
    let renewed = 0;
    page.on("request", (request) => {
      if (request.url().includes("securetoken.googleapis.com/v1/token")) renewed += 1;
    });
    await page.clock.setSystemTime(Date.now() + 2 * 60 * 60 * 1000);
    await upload(phone, patches());
    await heading(phone, "Published");
    expect(renewed).toBeGreaterThan(0);
  });
});

type Network = "slow" | "cut" | "quick";

/** The network of this phone from now on. The browser tells the page, as a system does. */
async function networkOf(phone: Phone): Promise<(network: Network) => Promise<void>> {
  const session = await phone.context.newCDPSession(phone.page);
  await session.send("Network.enable");
  return async (network) => {
    const bytesPerSecond = network === "slow" ? SLOW : -1;
    await session.send("Network.emulateNetworkConditions", {
      offline: network === "cut",
      latency: network === "slow" ? 100 : 0,
      downloadThroughput: 4 * bytesPerSecond,
      uploadThroughput: bytesPerSecond,
    });
  };
}

/** Some of the file has arrived, and not all of it. */
async function partSent(phone: Phone): Promise<void> {
  await heading(phone, "Uploading");
  await phone.page.waitForFunction(
    () => {
      const bar = document.querySelector('[role="progressbar"]');
      const now = Number(bar?.getAttribute("aria-valuenow") ?? 0);
      return now > 0;
    },
    undefined,
    { timeout: PATIENCE_MS },
  );
}

/** From where on the pieces are sent from now on. */
function offsetsOf(page: Page): number[] {
  const offsets: number[] = [];
  page.on("request", (request: Request) => {
    const headers = request.headers();
    const command = headers["x-goog-upload-command"] ?? "";
    if (command.includes("upload")) offsets.push(Number(headers["x-goog-upload-offset"]));
  });
  return offsets;
}
