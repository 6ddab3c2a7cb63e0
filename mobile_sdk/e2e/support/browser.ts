import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";
import { expect, inject } from "vitest";

/** Bound of every wait: a verdict takes seconds, on a busy machine a minute. */
export const PATIENCE_MS = 120_000;

const PROGRAMS = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Complaints that the browser itself prints where a test cuts the network. */
const NETWORK_IS_CUT =
  /net::ERR_(INTERNET_DISCONNECTED|NETWORK_CHANGED|FAILED|ABORTED)|@firebase\/firestore.*(transport errored|Could not reach)/;

/** A phone, as far as a browser is one. */
export interface PhoneOptions {
  readonly dark?: boolean;
  readonly language?: string;
  /** The test cuts the network, of which the browser complains. */
  readonly networkIsCut?: boolean;
}

export interface Phone {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Fails where the page has complained since it was opened. */
  expectNoComplaints(): void;
  close(): Promise<void>;
}

export async function openBrowser(): Promise<Browser> {
  const named = process.env["CHROMIUM"];
  const program = named ?? PROGRAMS.find((path) => existsSync(path));
  if (program === undefined) {
    throw new Error("There is no Chromium: run ./dev setup, or set CHROMIUM to its program.");
  }
  return chromium.launch({ executablePath: program, headless: true, args: FLAGS });
}

/** A window of its own: nothing stored, nobody signed in. */
export async function openPhone(browser: Browser, options: PhoneOptions = {}): Promise<Phone> {
  const context = await browser.newContext({
    viewport: { width: 412, height: 860 },
    colorScheme: options.dark === true ? "dark" : "light",
    locale: options.language ?? "en",
    reducedMotion: "reduce",
    serviceWorkers: "block",
  });
  context.setDefaultTimeout(PATIENCE_MS);
  const complaints: string[] = [];
  const page = await context.newPage();
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    if (message.type() !== "error" && message.type() !== "warning") return;
    if (options.networkIsCut === true && NETWORK_IS_CUT.test(message.text())) return;
    complaints.push(`${message.type()}: ${message.text()} ${message.location().url}`);
  });
  return {
    page,
    context,
    expectNoComplaints: () => expect(complaints).toEqual([]),
    close: () => context.close(),
  };
}

/** Opens the app at a route such as `#/shield`. */
export async function openApp(phone: Phone, route = ""): Promise<void> {
  await phone.page.goto(`${inject("site")}/${route}`);
}

/** Keeps a picture of the screen in the folder that SDK_SHOTS names, if it names one. */
export async function shot(phone: Phone, name: string): Promise<void> {
  const folder = process.env["SDK_SHOTS"];
  if (folder === undefined || folder === "") return;
  mkdirSync(folder, { recursive: true });
  await phone.page.screenshot({ path: join(folder, `${name}.png`) });
}

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Fails where axe-core finds a fault against WCAG 2.2 A and AA, or its own best practices. */
export async function expectAccessible(phone: Phone): Promise<void> {
  await phone.page.evaluate(axe);
  const faults: unknown = await phone.page.evaluate(`
    axe.run(document, { resultTypes: ["violations"] }).then((result) =>
      result.violations.map((each) => ({
        rule: each.id,
        where: each.nodes.map((node) => node.html.slice(0, 300) + " " + node.failureSummary),
      })),
    )
  `);
  expect(faults).toEqual([]);
}
