/** Where the app's backend is. An app of your own has its Firebase configuration here instead. */
export interface AppConfig {
  readonly projectId: string;
  readonly bucket: string;
  readonly emulators: {
    readonly host: string;
    readonly auth: number;
    readonly firestore: number;
    readonly functions: number;
    readonly storage: number;
  };
}

/** Reads the `/config.json` that `./dev up` serves. Rejects where no stack runs. */
export async function loadConfig(url: string): Promise<AppConfig> {
  const response = await fetch(url);
  const content: unknown = response.ok ? await response.json() : null;
  if (!isAppConfig(content)) throw new Error("No local stack answers. Start one with ./dev up.");
  return content;
}

function isAppConfig(value: unknown): value is AppConfig {
  if (!isRecord(value) || !isRecord(value["emulators"])) return false;
  const { projectId, bucket, emulators } = value;
  return (
    typeof projectId === "string" &&
    typeof bucket === "string" &&
    typeof emulators["host"] === "string" &&
    ["auth", "firestore", "functions", "storage"].every(
      (name) => typeof emulators[name] === "number",
    )
  );
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
