/** What people do with the app, from the first tap to the end, on the real emulators. */

import { createHash, randomBytes } from "node:crypto";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { signUp, type Person } from "../tests/support/people.js";
import { expectAccessible, openBrowser, shot, type Phone } from "./support/browser.js";
import { caller, moderator, shieldsOf } from "./support/desk.js";
import { notice, patches, portrait } from "./support/pictures.js";
import { button, choose, heading, text, upload, withPhone } from "./support/steps.js";

let browser: Browser;
beforeAll(async () => {
  browser = await openBrowser();
});
afterAll(async () => browser.close());

test("a picture of nobody is uploaded, checked and published with its hidden mark", async () => {
  await withPhone(browser, await signUp("ada"), async (phone) => {
    await shot(phone, "upload-1-choose");
    await upload(phone, patches());
    await heading(phone, "Published");
    await phone.page.getByRole("img", { name: "Your upload" }).first().waitFor();
    await shot(phone, "upload-2-published");
    await expectAccessible(phone);
  });
});

test("a picture that is known is blocked, and the screen offers help and no appeal", async () => {
  const first = await moderator("first", true);
  const second = await moderator("second");
  const picture = patches();
  const bankId = `e2e-${randomBytes(4).toString("hex")}`;
  await first.call("create_hash_bank", { bankId, label: "NCII", name: bankId, source: "e2e" });
  const value = createHash("sha256").update(picture.buffer).digest("hex");
  const why = "Reported by the person shown.";
  await first.call("add_bank_hash", { bankId, why, algorithm: "sha256", value });
  await second.call("confirm_bank_hash", { bankId, entryId: `sha256-${value}`, why });

  await withPhone(browser, await signUp("ada"), async (phone) => {
    await upload(phone, picture);
    await heading(phone, "Your upload is not published");
    await button(phone, "Help and support").click();
    expect(await phone.page.getByRole("button", { name: "Appeal" }).count()).toBe(0);
    await shot(phone, "blocked-without-appeal");
    await expectAccessible(phone);
  });
});

test("who is blocked by mistake appeals, another moderator overturns, and it is published", async () => {
  const first = await moderator("first");
  const second = await moderator("second");
  await withPhone(browser, await signUp("ada"), async (phone) => {
    const { page } = phone;
    await upload(phone, notice());
    await heading(phone, "A person will look at your upload");
    await shot(phone, "appeal-1-held");
    const caseId = caseIn(page.url());

    await first.call("claim_case", { caseId });
    const why = "This reads like a threat to a person.";
    await first.call("decide_case", { caseId, outcome: "block", why });
    await heading(phone, "Your upload is not published");
    await text(phone, why);
    await expectAccessible(phone);
    await shot(phone, "appeal-2-blocked");

    await button(phone, "Appeal").click();
    await heading(phone, "Appeal");
    await page.getByRole("radio").first().click();
    const field = page.getByRole("textbox").first();
    await field.fill("Too short.");
    await button(phone, "Send the appeal").click();
    await text(phone, /characters more are needed/);
    await shot(phone, "appeal-3-too-short");
    await field.fill(
      "I was sent this message and saved it to warn my friends of it. I threaten nobody.",
    );
    await expectAccessible(phone);
    await button(phone, "Send the appeal").click();
    await text(phone, "Where your appeal stands");
    await shot(phone, "appeal-4-sent");

    await second.call("process_media_integrity_appeal", { appealId: caseId, action: "take" });
    const reason = "You warn of a threat and make none. We are sorry.";
    await second.call("process_media_integrity_appeal", {
      appealId: caseId,
      action: "overturn",
      reason,
    });
    await text(phone, reason);
    await shot(phone, "appeal-5-overturned");
    await expectAccessible(phone);

    await page.getByRole("tab", { name: /^News/ }).click();
    await page
      .getByText(/appeal/i)
      .first()
      .waitFor();
  });
});

test("a second person is asked for their consent, gives it, and the picture is published", async () => {
  const ben = await signUp("ben");
  await withPhone(browser, await signUp("ada"), async (ada) => {
    await upload(ada, portrait());
    await heading(ada, "Who is in it?");
    await shot(ada, "consent-1-who-is-in-it");
    await expectAccessible(ada);
    await withPhone(browser, ben, async (bens) => {
      await ada.page.getByRole("radio", { name: /Somebody else/ }).click();
      await button(ada, "Or ask somebody who uses this app").click();
      await ada.page.getByRole("textbox", { name: "Their account" }).fill(ben.uid);
      await button(ada, /^Ask$/).click();

      await bens.page.getByRole("tab", { name: "Requests" }).click();
      await button(bens, "Show it").click();
      await heading(bens, "May this be published?");
      await shot(bens, "consent-2-asked");
      await expectAccessible(bens);
      await button(bens, "Yes, I agree").click();
      await heading(bens, "You have agreed");
      await shot(bens, "consent-3-agreed");
    });
    await heading(ada, "Published");
    await shot(ada, "consent-4-published");
  });
});

test("a shield stops a picture of its owner, who is told and sees it counted", async () => {
  const owner = await signUp("owner");
  const firstModerator = await moderator("first");
  try {
    await withPhone(browser, owner, async (owners) => {
      await owners.page.getByRole("tab", { name: "Shield" }).click();
      await heading(owners, "Your shield");
      await shot(owners, "shield-1-none");
      await expectAccessible(owners);
      await button(owners, "Start your shield").click();
      await choose(owners.page, button(owners, "Add a selfie or recording"), portrait());
      await text(owners, "1 picture of your face");
      await shot(owners, "shield-2-active");
      await expectAccessible(owners);

      let caseId = "";
      await withPhone(browser, await signUp("stranger"), async (strangers) => {
        await upload(strangers, portrait());
        await heading(strangers, "A person will look at your upload");
        expect(await strangers.page.getByText(/shield/i).count()).toBe(1); // the app's own tab
        caseId = caseIn(strangers.page.url());
        await shot(strangers, "shield-3-attack-held");
        await answerForOneself(owners);
        await firstModerator.call("claim_case", { caseId });
        const why = "The person shown does not want it.";
        await firstModerator.call("decide_case", { caseId, outcome: "block", why });
        await heading(strangers, "Your upload is not published");
      });

      await owners.page.getByRole("tab", { name: "Shield" }).click();
      await text(owners, "upload held back");
      await shot(owners, "shield-5-counted");
    });
  } finally {
    await deleteShieldsOf(owner);
  }
});

/** The owner of a shield is told of the upload and says that they do not want it. */
async function answerForOneself(owners: Phone): Promise<void> {
  await owners.page.getByRole("tab", { name: /^News \(/ }).click();
  await heading(owners, "Notifications");
  const told = button(owners, /We are checking an upload for you/);
  await told.waitFor();
  await shot(owners, "shield-4-told");
  await expectAccessible(owners);
  await told.click();
  await heading(owners, "An upload may show you");
  await shot(owners, "shield-6-asked");
  await expectAccessible(owners);
  await button(owners, "I do not want it").click();
  await heading(owners, "You have answered");
  await text(owners, "A moderator sees your answer.");
}

/** The same face is somebody else's in the next test. */
async function deleteShieldsOf(owner: Person): Promise<void> {
  const token = await caller(owner);
  for (const shieldId of await shieldsOf(owner.uid)) {
    await token.call("delete_victim_shield", { shieldId });
  }
}

function caseIn(url: string): string {
  return /#\/upload-result\/([^/]+)/.exec(url)?.[1] ?? "";
}
