/** What a cancelled upload leaves behind. Without emulators: the backend answers when told to. */

import { expect, onTestFinished, test } from "vitest";

import { lonePort } from "../support/lone-port.js";
import { pngFile } from "../support/pictures.js";
import { deviceFiles, deviceStore, startUploads } from "../support/uploads.js";
import { until } from "../support/wait.js";

const MAY_UPLOAD = { uploadId: "upload", mayUpload: true, code: null, text: null, until: null };

/** `begin_upload` is asked, and answered by `answer`. */
function slowPort() {
  const answers: (() => void)[] = [];
  return {
    port: lonePort(() => new Promise((resolve) => answers.push(() => resolve(MAY_UPLOAD)))),
    isAsked: () => answers.length > 0,
    answer: () => answers.splice(0).forEach((give) => give()),
  };
}

test("an upload that is cancelled while the backend is asked leaves nothing behind", async () => {
  const [store, files, slow] = [deviceStore(), deviceFiles(), slowPort()];
  const uploads = startUploads(slow.port, { store, files });
  onTestFinished(uploads.close);
  const task = uploads.uploadMedia(pngFile());
  await until(slow.isAsked, "begin_upload");

  expect(await task.cancel()).toBe(true);
  slow.answer();
  await expect(task.done).rejects.toMatchObject({ code: "cancelled" });
  await until(() => files.openCount() === 0, "the file to be closed");
  await new Promise((resolve) => setTimeout(resolve, 50)); // what is kept is kept by then

  expect(store.keys()).toEqual([]);
  expect(files.bookmarks()).toEqual([]);
  expect(await uploads.unfinishedUploads()).toEqual([]);
});

test("a copy of the file that is ready only after the cancelling is deleted", async () => {
  const [store, files, slow] = [deviceStore(), deviceFiles(), slowPort()];
  let finish = (): void => undefined;
  const copying = new Promise<void>((resolve) => {
    finish = resolve;
  });
  let copies = 0;
  const bookmark = async (source: Parameters<typeof files.bookmark>[0]) => {
    await copying;
    copies += 1;
    return files.bookmark(source);
  };
  const uploads = startUploads(slow.port, { store, files: { ...files, bookmark } });
  onTestFinished(uploads.close);
  const task = uploads.uploadMedia(pngFile());
  await until(slow.isAsked, "begin_upload");
  slow.answer();
  await until(() => task.state().state !== "preparing", "its sending");

  expect(await task.cancel()).toBe(true);
  finish();
  await until(() => copies === 1 && files.bookmarks().length === 0, "the copy to be deleted");

  expect(store.keys()).toEqual([]);
});
