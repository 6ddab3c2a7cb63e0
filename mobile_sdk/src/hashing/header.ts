/** What a file says of its picture before anything is decoded. */
export interface PictureHeader {
  readonly type: PictureType;
  /** Pixels as stored, before it is turned as EXIF says. */
  readonly width: number;
  /** Pixels, see `width`. */
  readonly height: number;
}

/** Formats that the backend opens. */
export type PictureType =
  "image/jpeg" | "image/png" | "image/gif" | "image/webp" | "image/avif" | "image/heic";

interface Size {
  readonly width: number;
  readonly height: number;
}

const AVIF_BRANDS: ReadonlySet<string> = new Set(["avif", "avis"]);
const HEIF_BRANDS: ReadonlySet<string> = new Set(
  "heic heix heim heis hevc hevx hevm hevs mif1 msf1".split(" "),
);

/** The format that a file starts like, whatever its name says; undefined where it is none of them. */
export function pictureType(bytes: Uint8Array): PictureType | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return "image/jpeg";
  if (ascii(bytes, 0, 8) === "\x89PNG\r\n\x1a\n") return "image/png";
  if (/^GIF8[79]a$/.test(ascii(bytes, 0, 6))) return "image/gif";
  if (ascii(bytes, 0, 4) === "RIFF" && ascii(bytes, 8, 4) === "WEBP") return "image/webp";
  if (ascii(bytes, 4, 4) !== "ftyp") return undefined;
  return ofBrands(brands(bytes));
}

/**
 * Format and size; `type` of a file whose size cannot be found is given alone.
 *
 * Sizes are read so that a small file which unpacks to a huge picture is not unpacked at all.
 */
export function pictureHeader(
  bytes: Uint8Array,
): PictureHeader | { readonly type: PictureType } | undefined {
  const type = pictureType(bytes);
  if (type === undefined) return undefined;
  const size = sizeOf(type, bytes);
  return size === undefined ? { type } : { type, ...size };
}

function sizeOf(type: PictureType, bytes: Uint8Array): Size | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  switch (type) {
    case "image/jpeg":
      return jpegSize(view);
    case "image/png":
      return view.byteLength < 24
        ? undefined
        : { width: view.getUint32(16), height: view.getUint32(20) };
    case "image/gif":
      return view.byteLength < 10
        ? undefined
        : { width: view.getUint16(6, true), height: view.getUint16(8, true) };
    case "image/webp":
      return webpSize(view, ascii(bytes, 12, 4));
    case "image/avif":
    case "image/heic":
      return heifSize(view, bytes);
  }
}

/** ITU-T T.81 annex B: segments up to the frame header. */
function jpegSize(view: DataView): Size | undefined {
  let at = 2;
  while (at + 9 <= view.byteLength) {
    if (view.getUint8(at) !== 0xff) return undefined;
    const marker = view.getUint8(at + 1);
    if (marker === 0xff) {
      at += 1; // any number of fill bytes may stand before a marker
      continue;
    }
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
      return { width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
    }
    const standsAlone = marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7);
    at += standsAlone ? 2 : 2 + view.getUint16(at + 2);
  }
  return undefined;
}

/** RFC 9649 section 2. */
function webpSize(view: DataView, chunk: string): Size | undefined {
  if (view.byteLength < 30) return undefined;
  if (chunk === "VP8X") return { width: 1 + uint24(view, 24), height: 1 + uint24(view, 27) };
  if (chunk === "VP8 ") {
    return {
      width: view.getUint16(26, true) & 0x3fff,
      height: view.getUint16(28, true) & 0x3fff,
    };
  }
  if (chunk === "VP8L") {
    const packed = view.getUint32(21, true);
    return { width: 1 + (packed & 0x3fff), height: 1 + ((packed >>> 14) & 0x3fff) };
  }
  return undefined;
}

const CONTAINERS: ReadonlySet<string> = new Set(["meta", "iprp", "ipco"]);
const MAX_DEPTH = CONTAINERS.size; // each within the one before; a file may claim any number

/** ISO/IEC 23008-12 section 6.5.3: the largest of the sizes in it; a grid lists its tiles' too. */
function heifSize(view: DataView, bytes: Uint8Array): Size | undefined {
  let largest: Size | undefined;
  const search = (begin: number, end: number, depth: number): void => {
    let at = begin;
    while (at + 8 <= end) {
      const kind = ascii(bytes, at + 4, 4);
      const stated = view.getUint32(at);
      const last = stated === 0 ? end : at + stated;
      if (stated === 1 || last > end || last < at + 8) return; // none of these boxes is that large
      if (CONTAINERS.has(kind) && depth < MAX_DEPTH) {
        search(at + (kind === "meta" ? 12 : 8), last, depth + 1);
      }
      if (kind === "ispe" && last >= at + 20) {
        const found = { width: view.getUint32(at + 12), height: view.getUint32(at + 16) };
        if (largest === undefined || area(found) > area(largest)) largest = found;
      }
      at = last;
    }
  };
  search(0, view.byteLength, 0);
  return largest;
}

function brands(bytes: Uint8Array): readonly string[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = Math.min(view.byteLength < 16 ? 0 : view.getUint32(0), view.byteLength);
  const found = [ascii(bytes, 8, 4)];
  for (let at = 16; at + 4 <= end; at += 4) found.push(ascii(bytes, at, 4));
  return found;
}

/** "mif1" is both codecs' common brand: the more specific one decides. */
function ofBrands([major, ...others]: readonly string[]): PictureType | undefined {
  if (major === undefined) return undefined;
  const isStill = AVIF_BRANDS.has(major) || HEIF_BRANDS.has(major) || major.startsWith("mi");
  if (!isStill) return undefined; // a film that merely lists a picture's brand
  const all = [major, ...others];
  if (all.some((brand) => AVIF_BRANDS.has(brand))) return "image/avif";
  return all.some((brand) => HEIF_BRANDS.has(brand)) ? "image/heic" : undefined;
}

function ascii(bytes: Uint8Array, at: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + length));
}

function uint24(view: DataView, at: number): number {
  return view.getUint16(at, true) + view.getUint8(at + 2) * 0x10000;
}

function area({ width, height }: Size): number {
  return width * height;
}
