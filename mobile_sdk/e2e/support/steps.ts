import type { Browser, Locator, Page } from "playwright-core";
import type { Person } from "../../tests/support/people.js";
import { openApp, openPhone, type Phone, type PhoneOptions } from "./browser.js";
import type { ChosenFile } from "./pictures.js";

/** A phone with the app, signed in. At the end it must have had nothing to complain of. */
export async function withPhone(
  browser: Browser,
  person: Person,
  act: (phone: Phone) => Promise<void>,
  options: PhoneOptions = {},
): Promise<void> {
  const phone = await openPhone(browser, options);
  try {
    await signInAs(phone, person);
    await act(phone);
    phone.expectNoComplaints();
  } finally {
    await phone.close();
  }
}

/** Opens the app and signs in by the form, in whatever language. */
export async function signInAs(phone: Phone, person: Person): Promise<void> {
  const { page } = phone;
  await openApp(phone);
  await page.locator("input[inputmode=email]").fill(person.email);
  await page.locator("input[type=password]").fill(person.password);
  await page.getByRole("button").first().click();
  await page.getByRole("tab").first().waitFor();
}

/** Presses what opens the system's file picker, and chooses. */
export async function choose(page: Page, opener: Locator, ...files: ChosenFile[]): Promise<void> {
  const asked = page.waitForEvent("filechooser");
  await opener.click();
  await (await asked).setFiles(files);
}

export async function upload(phone: Phone, file: ChosenFile): Promise<void> {
  const { page } = phone;
  await page.getByRole("tab", { name: "Upload" }).click();
  await choose(page, button(phone, /^Choose a picture/), file);
}

/** Waits for a heading with this text: that a screen has come. */
export async function heading(phone: Phone, name: string | RegExp): Promise<void> {
  await phone.page.getByRole("heading", { name }).first().waitFor();
}

/** Waits for this text anywhere. */
export async function text(phone: Phone, what: string | RegExp): Promise<void> {
  await phone.page.getByText(what).first().waitFor();
}

export function button(phone: Phone, name: string | RegExp): Locator {
  return phone.page.getByRole("button", { name }).first();
}
