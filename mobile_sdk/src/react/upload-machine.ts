import type { UploadState } from "../types/index.js";

/** No upload, or exactly one. */
export type MediaUpload =
  { readonly state: "idle" } | ({ readonly uploadId: string } & UploadState);

export type UploadEvent =
  | { readonly type: "started"; readonly uploadId: string; readonly upload: UploadState }
  | { readonly type: "changed"; readonly uploadId: string; readonly upload: UploadState }
  | { readonly type: "reset" };

export const NO_UPLOAD: MediaUpload = { state: "idle" };

/** Finished, failed or cancelled: this upload changes no more. */
export function isOver({ state }: { readonly state: MediaUpload["state"] }): boolean {
  return state === "finished" || state === "failed" || state === "cancelled";
}

/** Whether another upload would have to wait for this one. */
export function isUnderWay(upload: MediaUpload): boolean {
  return upload.state !== "idle" && !isOver(upload);
}

/** Whether it was not sent because the check before it says that it would be held back. */
export function wouldBeHeld(upload: MediaUpload | UploadState): boolean {
  return upload.state === "failed" && upload.error.reason === "would_be_held";
}

/** Words of another upload, words after the end and a start in the middle change nothing. */
export function reduceUpload(current: MediaUpload, event: UploadEvent): MediaUpload {
  switch (event.type) {
    case "started":
      return isUnderWay(current) ? current : { uploadId: event.uploadId, ...event.upload };
    case "changed":
      return current.state === "idle" || current.uploadId !== event.uploadId || isOver(current)
        ? current
        : { uploadId: event.uploadId, ...event.upload };
    case "reset":
      return isUnderWay(current) ? current : NO_UPLOAD;
  }
}

/** The hook has gone in the middle: with it, for what it shows, its upload. */
export function uploadLeft(current: MediaUpload): MediaUpload {
  return current.state !== "idle" && isUnderWay(current)
    ? { uploadId: current.uploadId, state: "cancelled" }
    : current;
}
