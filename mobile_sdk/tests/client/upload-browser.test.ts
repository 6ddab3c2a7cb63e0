import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { chromium, type Browser, type BrowserContext, type Page } from "playwright-core";
import { createServer, type ViteDevServer } from "vite";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";

import { signUp } from "../support/people.js";
import { pngBytes } from "../support/pictures.js";
import { proxyFor } from "../support/proxy.js";
import { HOST, stack } from "../support/stack.js";
import { until } from "../support/wait.js";

const PIECE = 256 * 1024;
const PAGE = "/tests/client/browser/page.ts";

let server: ViteDevServer;
let browser: Browser;
let origin = "";
const cache = mkdtempSync(join(tmpdir(), "upload-browser-"));

beforeAll(async () => {
  server = await createServer({
    configFile: false,
    root: resolve(import.meta.dirname, "../.."),
    cacheDir: cache,
    logLevel: "error",
    server: { host: HOST, port: 0, hmr: false, watch: null },
    optimizeDeps: {
      noDiscovery: true,
      include: [
        "firebase/app",
        "firebase/app-check",
        "firebase/auth",
        "firebase/firestore",
        "firebase/functions",
      ],
    },
    plugins: [
      {
        name: "blank-page",
        configureServer: ({ middlewares }) => {
          middlewares.use("/blank", (_, response) => {
            response
              .setHeader("Content-Type", "text/html")
              .end("<!doctype html><title>SDK</title>");
          });
        },
      },
    ],
  });
  await server.listen();
  origin = server.resolvedUrls?.local[0] ?? "";
  browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] });
});

afterAll(async () => {
  await browser.close();
  await server.close();
  rmSync(cache, { recursive: true, force: true });
});

/** Calls a function of the page's module. */
async function called(page: Page, name: string, ...args: readonly unknown[]): Promise<unknown> {
  // As text: what vitest makes of an import works in vitest alone.
  const given = JSON.stringify(args).slice(1, -1);
  return page.evaluate(`import("${PAGE}").then((page) => page.${name}(${given}))`);
}

async function opened(context: BrowserContext, options: unknown, person: unknown): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`${origin}blank`);
  await called(page, "open", options, person);
  return page;
}

describe("an upload in a browser", () => {
  it("survives that the page is loaded again, in one tab only, and leaves nothing behind", async () => {
    const proxy = await proxyFor(stack().ports.storage);
    onTestFinished(proxy.close);
    const { project, bucket, ports } = stack();
    const options = {
      project,
      bucket,
      ports: { ...ports, host: HOST, storage: proxy.port },
      chunkBytes: PIECE,
    };
    const context = await browser.newContext();
    onTestFinished(() => context.close());
    const page = await opened(context, options, await signUp());

    proxy.limit(3 * PIECE);
    await called(page, "upload", Buffer.from(pngBytes()).toString("base64"), 8 * PIECE);
    await until(async () => Number(await called(page, "sent")) >= 3 * PIECE, "it is in the middle");
    expect(await called(page, "left")).toMatchObject({ files: 1 });
    await page.reload();
    await called(page, "open", options, null);
    expect(await called(page, "goOn")).toBe(1);
    const other = await opened(context, options, null);
    expect(await called(other, "goOn")).toBe(0);

    proxy.limit(Number.POSITIVE_INFINITY);
    expect(await called(page, "outcome")).toBe("published");
    expect(proxy.sentBytes()).toBeLessThan(10.5 * PIECE);
    await until(async () => {
      const { keys, files } = Object(await called(page, "left"));
      return keys.length === 0 && files === 0;
    }, "nothing is left");
    expect(await called(other, "goOn")).toBe(0);
  });
});
