import type { AddressInfo } from "node:net";
import { build, preview } from "vite";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  export interface ProvidedContext {
    /** Where the built example app is served, for all tests of one run. */
    readonly site: string;
  }
}

/** Builds the example app once and serves the result, as a web host would. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const shared = { configFile: "vite.config.ts", logLevel: "warn" } as const;
  await build(shared);
  const server = await preview({
    ...shared,
    preview: { host: "127.0.0.1", port: 0, strictPort: true },
  });
  project.provide("site", `http://127.0.0.1:${portOf(server.httpServer.address())}`);
  return () => server.close();
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === "string") throw new Error("the site has no port");
  return address.port;
}
