/** Which files are accepted, as storage.rules says. Looked at before a byte is sent. */

import { MediaIntegrityError } from "../errors.js";

const MEGABYTE = 1024 * 1024;

/** Largest file of each kind of media, in bytes. */
export const MAX_BYTES = {
  image: 25 * MEGABYTE,
  video: 250 * MEGABYTE,
  audio: 50 * MEGABYTE,
} as const;

type Kind = keyof typeof MAX_BYTES;

/** Types that are accepted, with endings of names by which they are known. */
const ENDINGS: Readonly<Record<string, readonly string[]>> = {
  "image/jpeg": ["jpg", "jpeg", "jpe"],
  "image/png": ["png"],
  "image/gif": ["gif"],
  "image/webp": ["webp"],
  "image/avif": ["avif"],
  "image/heic": ["heic"],
  "image/heif": ["heif"],
  "video/mp4": ["mp4", "m4v"],
  "video/quicktime": ["mov", "qt"],
  "video/webm": ["webm"],
  "audio/mpeg": ["mp3"],
  "audio/mp4": ["m4a"],
  "audio/x-m4a": [],
  "audio/aac": ["aac"],
  "audio/wav": ["wav"],
  "audio/x-wav": [],
  "audio/ogg": ["ogg", "oga", "opus"],
  "audio/webm": ["weba"],
  "audio/flac": ["flac"],
};

/** What systems call some of them. */
const ALIASES: Readonly<Record<string, string>> = {
  "image/jpg": "image/jpeg",
  "image/pjpeg": "image/jpeg",
  "video/x-m4v": "video/mp4",
  "audio/mp3": "audio/mpeg",
  "audio/m4a": "audio/mp4",
  "audio/wave": "audio/wav",
  "audio/vnd.wave": "audio/wav",
  "audio/x-aac": "audio/aac",
  "audio/x-flac": "audio/flac",
  "audio/opus": "audio/ogg",
};

/** Where a system does not know, the ending of the name counts. */
const UNKNOWN: ReadonlySet<string> = new Set(["", "application/octet-stream"]);

export interface Described {
  readonly name: string;
  readonly type: string;
  /** Bytes. */
  readonly size: number;
}

export interface Accepted {
  /** Fits a path of the bucket. */
  readonly name: string;
  readonly contentType: string;
  readonly kind: Kind;
}

/** Pure. Throws {@link MediaIntegrityError} with code `file` for what the rules would refuse. */
export function accepted({ name, type, size }: Described): Accepted {
  const contentType = acceptedType(name, type);
  if (contentType === undefined) throw refused("file_type");
  const kind = kindOf(contentType);
  if (!(size > 0)) throw refused("file_empty");
  if (size > MAX_BYTES[kind]) throw refused("file_size");
  return { name: safeName(name, ENDINGS[contentType]?.[0] ?? kind), contentType, kind };
}

function refused(reason: string): MediaIntegrityError {
  return new MediaIntegrityError("file", { reason });
}

function acceptedType(name: string, type: string): string | undefined {
  // Recorders add how it was made: "audio/webm;codecs=opus".
  const told = type.split(";", 1)[0]?.trim().toLowerCase() ?? "";
  if (UNKNOWN.has(told)) {
    const ending = endingOf(name);
    return Object.keys(ENDINGS).find((each) => ENDINGS[each]?.includes(ending));
  }
  const known = ALIASES[told] ?? told;
  return Object.hasOwn(ENDINGS, known) ? known : undefined;
}

function kindOf(contentType: string): Kind {
  if (contentType.startsWith("video/")) return "video";
  return contentType.startsWith("audio/") ? "audio" : "image";
}

function endingOf(name: string): string {
  const dot = name.lastIndexOf(".");
  return dot < 0 ? "" : name.slice(dot + 1).toLowerCase();
}

const MAX_NAME = 120;
const MAX_ENDING = 12;

/**
 * A name that storage.rules take: `[A-Za-z0-9][A-Za-z0-9._-]{0,119}`. Pure.
 *
 * Letters lose their accents, other characters become hyphens. `ending`: where there is none.
 */
export function safeName(name: string, ending: string): string {
  const plain = name
    .slice(Math.max(name.lastIndexOf("/"), name.lastIndexOf("\\")) + 1)
    .normalize("NFKD")
    .replace(/\p{Mark}/gu, "")
    .replace(/[^A-Za-z0-9._-]+/g, "-")
    .replace(/-+(?=\.)/g, "");
  const dot = plain.lastIndexOf(".");
  const last = plain.slice(dot + 1);
  const hasEnding = dot >= 0 && /^[A-Za-z0-9]+$/.test(last) && last.length <= MAX_ENDING;
  const isHidden = dot === 0 && name.startsWith("."); // ".profile" has no ending
  const end = hasEnding && !isHidden ? last : ending;
  const stem = (hasEnding && !isHidden ? plain.slice(0, dot) : plain).replace(/^[^A-Za-z0-9]+/, "");
  return `${(stem === "" ? "file" : stem).slice(0, MAX_NAME - end.length - 1)}.${end}`;
}
