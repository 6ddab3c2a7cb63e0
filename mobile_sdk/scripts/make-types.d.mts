/** The generated files' texts by their names. */
export function makeTypes(): Promise<Readonly<Record<string, string>>>;
