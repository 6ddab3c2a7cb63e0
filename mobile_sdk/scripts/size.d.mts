export const LIMIT_BYTES: number;
/** `entry`: below src. `laterGzipBytes`: of what is loaded on demand. */
export function sizeOf(entry: string): Promise<{
  readonly entry: string;
  readonly bytes: number;
  readonly gzipBytes: number;
  readonly laterGzipBytes: number;
}>;
