import { MediaIntegrityError } from "../client/errors.js";

/** Rejects with `timeout` where the work takes longer. The work itself is not stopped. */
export async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    return await Promise.race([
      work,
      new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new MediaIntegrityError("timeout")), milliseconds);
      }),
    ]);
  } finally {
    clearTimeout(timer);
  }
}
