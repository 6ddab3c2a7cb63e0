import type { MediaSource } from "../types/index.js";

/** What can be wrong with files that go with an appeal or a report. */
export type FileProblem = "too-many-files" | "file-too-large" | "file-type";

/** Bytes of one file, as the backend's rules say. */
export const MAX_FILE_BYTES = 10 * 1024 * 1024;

const TYPES = /^(image\/(jpeg|png|gif|webp|avif|heic|heif)|application\/pdf|text\/plain)$/;

/** What is known of the files without opening them; the rest is found when they are sent. */
export function fileProblems(
  files: readonly MediaSource[],
  atMost: number,
): readonly FileProblem[] {
  const problems: FileProblem[] = [];
  if (files.length > atMost) problems.push("too-many-files");
  if (files.some((file) => "size" in file && file.size > MAX_FILE_BYTES)) {
    problems.push("file-too-large");
  }
  if (files.some(({ type }) => type !== undefined && type !== "" && !TYPES.test(bare(type)))) {
    problems.push("file-type");
  }
  return problems;
}

/** Without what may follow it, such as `; charset=utf-8`. */
function bare(type: string): string {
  return type.split(";", 1)[0]?.trim().toLowerCase() ?? "";
}
