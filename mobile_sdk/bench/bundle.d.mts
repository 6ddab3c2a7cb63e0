/** Bundles TypeScript that is given as text; paths in it begin at this package's folder. */
export function bundle(code: string): Promise<string>;
