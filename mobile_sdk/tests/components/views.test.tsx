// @vitest-environment jsdom
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import axe from "axe-core";
import { StrictMode, type ReactNode } from "react";
import { afterEach, expect, test, vi } from "vitest";

import { STATES } from "../../example/src/gallery-states.js";
import {
  AppealPortalView,
  ConsentConfirmationView,
  ConsentRequestView,
  ReportAbuseView,
  ScreensProvider,
  type ScreensProviderProps,
} from "../../src/components/index.js";
import { checkReport, EMPTY_REPORT } from "../../src/react/report-machine.js";

// jsdom has none, and axe wants to measure with one.
HTMLCanvasElement.prototype.getContext = () => null;

afterEach(cleanup);

const show = (view: ReactNode, props: ScreensProviderProps = {}) =>
  render(
    <StrictMode>
      <ScreensProvider language="en" {...props}>
        <main>{view}</main>
      </ScreensProvider>
    </StrictMode>,
  );

const WAYS: readonly (readonly [string, ScreensProviderProps])[] = [
  ["English", { language: "en" }],
  ["Arabic in the dark", { language: "ar", mode: "dark" }],
];

/** The structure is the same in every language; colours and sizes the browser's tests look at. */
async function faultsOf(container: Element): Promise<readonly string[]> {
  const { violations } = await axe.run(container, {
    rules: { "color-contrast": { enabled: false }, region: { enabled: false } },
  });
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
}

for (const [way, props] of WAYS) {
  test.each(Object.keys(STATES))(`%s in ${way} is sound`, async (name) => {
    const { container } = show(STATES[name]?.(), props);
    expect(container.textContent).not.toMatch(/\{\w+\}|undefined|\[object/);
    if (props.language === "ar") expect(container.querySelector('[dir="rtl"]')).not.toBeNull();
    if (way === "English") expect(await faultsOf(container)).toEqual([]);
  });
}

test("an appeal that is too short is not sent, and says how much is missing", () => {
  const onSubmit = vi.fn();
  show(
    <AppealPortalView
      appeal={{
        state: "drafting",
        draft: { reason: null, text: "short", files: [] },
        check: { characters: 5, missing: 45, problems: ["reason-missing", "text-too-short"] },
        error: null,
        until: null,
      }}
      onReason={vi.fn()}
      onText={vi.fn()}
      onRemoveFile={vi.fn()}
      onSubmit={onSubmit}
    />,
  );
  expect(screen.queryByRole("alert")).toBeNull();
  fireEvent.click(screen.getByRole("button", { name: "Send the appeal" }));
  expect(onSubmit).not.toHaveBeenCalled();
  expect(document.activeElement?.textContent).toContain("2 things are missing");
  const field = screen.getByRole("textbox");
  expect(field.getAttribute("aria-invalid")).toBe("true");
  const error = document.getElementById(
    field.getAttribute("aria-describedby")?.split(" ").at(-1) ?? "",
  );
  expect(error?.textContent).toBe("45 characters more are needed.");
});

test("reasons are chosen with the arrow keys and the space bar", () => {
  const onReason = vi.fn();
  show(
    <AppealPortalView
      appeal={{
        state: "drafting",
        draft: { reason: "not_synthetic", text: "", files: [] },
        check: { characters: 0, missing: 50, problems: ["text-too-short"] },
        error: null,
        until: null,
      }}
      onReason={onReason}
      onText={vi.fn()}
      onRemoveFile={vi.fn()}
      onSubmit={vi.fn()}
    />,
  );
  const [first, second] = screen.getAllByRole("radio");
  expect(first?.tabIndex).toBe(0);
  expect(second?.tabIndex).toBe(-1);
  if (first === undefined || second === undefined) return;
  fireEvent.keyDown(first, { key: "ArrowDown" });
  expect(onReason).toHaveBeenLastCalledWith("consent_given");
  expect(document.activeElement).toBe(second);
  fireEvent.keyDown(second, { key: "ArrowUp" });
  expect(onReason).toHaveBeenLastCalledWith("not_synthetic");
  fireEvent.keyDown(second, { key: " " });
  expect(onReason).toHaveBeenLastCalledWith("consent_given");
});

test("focus goes to the heading when an answer was given", () => {
  const open = {
    state: "open",
    surface: "feed",
    purpose: "publish",
    expiresAt: new Date(),
    preview: null,
  } as const;
  const view = (asked: Parameters<typeof ConsentRequestView>[0]["asked"]) => (
    <ScreensProvider language="en">
      <ConsentRequestView asked={asked} onAnswer={vi.fn()} />
    </ScreensProvider>
  );
  const { rerender } = render(view(open));
  expect(document.activeElement).toBe(document.body);
  rerender(view({ state: "refused" }));
  expect(document.activeElement?.textContent).toBe("You have said no");
});

test.each([
  [false, true],
  [true, false],
])("a no by a link is not to be taken back by it: by link %s", (byLink, offered) => {
  show(<ConsentRequestView asked={{ state: "refused" }} byLink={byLink} onAnswer={vi.fn()} />);
  const button = screen.queryByRole("button", { name: "Change my answer" });
  expect(button !== null).toBe(offered);
  expect(screen.queryByText(/Keep this link/)).toBeNull();
});

test.each([
  ["paid_for", /Paying for a picture/],
  [null, /Only the people in it can agree/],
  ["of a later backend", /Only the people in it can agree/],
])("words in place of a consent are answered by what they claim: %s", (kind, answer) => {
  const consent = { status: "awaiting", needed: 1, given: 0 } as const;
  show(
    <ConsentConfirmationView
      consent={consent}
      requests={[]}
      links={[]}
      claim={{ kind }}
      onSelf={vi.fn()}
      onMakeLink={vi.fn()}
      onStatement={vi.fn()}
    />,
  );
  fireEvent.click(screen.getByRole("radio", { name: /Somebody else/ }));
  for (const closed of screen.getAllByRole("button", { expanded: false })) fireEvent.click(closed);
  expect(screen.getByText(answer).textContent).toMatch(/You can ask each person in it/);
});

test("a statement that was begun has to be whole", () => {
  const onSubmit = vi.fn();
  const draft = { ...EMPTY_REPORT, kind: "ncii", media: [{ url: "https://a.example/1" }] } as const;
  show(
    <ReportAbuseView
      report={{ state: "drafting", draft, check: checkReport(draft), error: null }}
      onEdit={vi.fn()}
      onSubmit={onSubmit}
    />,
  );
  const send = screen.getByRole("button", { name: "Send the report" });
  fireEvent.click(screen.getByRole("checkbox", { name: /signed statement/ }));
  fireEvent.click(send);
  expect(onSubmit).not.toHaveBeenCalled();
  expect(screen.getAllByText("Please tick this to sign.")).toHaveLength(2);
  fireEvent.click(screen.getByRole("checkbox", { name: /signed statement/ }));
  fireEvent.click(send);
  expect(onSubmit).toHaveBeenCalledOnce();
});
