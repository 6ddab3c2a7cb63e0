/** Every screen opens without a complaint of the browser, and axe-core finds nothing. */

import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { signUp, type Person } from "../tests/support/people.js";
import {
  expectAccessible,
  openApp,
  openBrowser,
  openPhone,
  shot,
  type PhoneOptions,
} from "./support/browser.js";
import { signInAs } from "./support/steps.js";

let browser: Browser;
let person: Person;
beforeAll(async () => {
  browser = await openBrowser();
  person = await signUp("ada");
});
afterAll(async () => browser.close());

const NOBODYS = "0".repeat(64);

const SCREENS = [
  "upload",
  "requests",
  "shield",
  "report",
  "notifications",
  "settings",
  `appeal/${NOBODYS}`,
];

const PHONES: readonly (readonly [string, PhoneOptions])[] = [
  ["light", {}],
  ["dark", { dark: true }],
  ["arabic", { language: "ar" }],
];

describe.each(PHONES)("%s", (name, options) => {
  test("somebody who is not signed in sees the sign-in, and a link that leads nowhere", async () => {
    const phone = await openPhone(browser, options);
    await openApp(phone);
    await phone.page.getByRole("heading", { level: 1 }).waitFor();
    await expectAccessible(phone);
    await shot(phone, `screens-${name}-sign-in`);
    phone.expectNoComplaints(); // of the link that leads nowhere the browser itself complains
    await openApp(phone, "#/consent/not-a-token");
    await phone.page.getByTestId("consent-request").waitFor();
    await expectAccessible(phone);
    await phone.close();
  });

  test("somebody who is signed in opens every screen", async () => {
    const phone = await openPhone(browser, options);
    const { page } = phone;
    await signInAs(phone, person);
    for (const screen of SCREENS) {
      await page.evaluate((path) => {
        window.location.hash = path;
      }, `#/${screen}`);
      await page.getByRole("main").getByRole("heading").first().waitFor();
      expect(await page.getByRole("main").innerText(), screen).not.toBe("");
      await expectAccessible(phone);
      await shot(phone, `screens-${name}-${screen.split("/")[0] ?? ""}`);
    }
    phone.expectNoComplaints();
    await phone.close();
  });
});

test("the whole app can be used with the text twice as large, without scrolling sideways", async () => {
  const phone = await openPhone(browser);
  const { page } = phone;
  await signInAs(phone, person);
  await page.addStyleTag({ content: "html { font-size: 32px }" });
  for (const screen of SCREENS) {
    await page.evaluate((path) => {
      window.location.hash = path;
    }, `#/${screen}`);
    await page.getByRole("main").getByRole("heading").first().waitFor();
    const { width, wanted } = await page.evaluate(() => ({
      width: document.documentElement.clientWidth,
      wanted: document.documentElement.scrollWidth,
    }));
    expect(wanted, screen).toBeLessThanOrEqual(width);
  }
  await phone.close();
});
