// @vitest-environment jsdom
/** Connected screens on a real client whose backend says nothing. */

import { act, cleanup, fireEvent, render, renderHook, screen } from "@testing-library/react";
import type { ReactNode } from "react";
import { afterEach, expect, test, vi } from "vitest";

import { createMediaIntegrityClient, MediaIntegrityError } from "../../src/client/index.js";
import {
  AppealPortal,
  ConsentConfirmation,
  ConsentRequestScreen,
  MediaBlockedScreen,
  NotificationList,
  ReportAbuse,
  ReportAbuseView,
  ScanProgress,
  ScreensProvider,
  ShieldMatch,
  VictimIdentityShield,
} from "../../src/components/index.js";
import { MediaIntegrityProvider, useMediaUpload } from "../../src/react/index.js";
import type {
  FirebasePort,
  MediaIntegrityClient,
  UploadState,
  UploadTask,
} from "../../src/types/index.js";

const opened: MediaIntegrityClient[] = [];

afterEach(() => {
  cleanup();
  for (const client of opened.splice(0)) client.close();
});

function clientOf(userId: string | null, language = "en"): MediaIntegrityClient {
  const silent = () => () => undefined;
  const firebase: FirebasePort = {
    projectId: "demo",
    bucket: "demo",
    storageOrigin: "http://localhost",
    userId: () => userId,
    onUser: (listener) => {
      listener(userId);
      return () => undefined;
    },
    idToken: async () => null,
    appCheckToken: async () => null,
    call: () => new Promise(() => undefined),
    watchDocument: silent,
    watchQuery: silent,
    createDocument: async () => undefined,
    updateDocument: async () => undefined,
  };
  const client = createMediaIntegrityClient({ firebase, options: { language } });
  opened.push(client);
  return client;
}

const CASE = "a".repeat(64);

const SCREENS: Readonly<Record<string, ReactNode>> = {
  AppealPortal: <AppealPortal caseId={CASE} />,
  ConsentConfirmation: <ConsentConfirmation jobId={CASE} linkFor={(token) => token} />,
  ConsentRequestScreen: <ConsentRequestScreen requestId="request" />,
  MediaBlockedScreen: <MediaBlockedScreen caseId={CASE} />,
  NotificationList: <NotificationList />,
  ReportAbuse: <ReportAbuse />,
  ShieldMatch: <ShieldMatch caseId={CASE} />,
  VictimIdentityShield: <VictimIdentityShield />,
};

const show = (view: ReactNode, client: MediaIntegrityClient) =>
  render(<MediaIntegrityProvider client={client}>{view}</MediaIntegrityProvider>);

test.each(Object.keys(SCREENS))("%s asks whoever is signed out to sign in", (name) => {
  show(SCREENS[name], clientOf(null));
  expect(screen.getByText("Please sign in first")).toBeDefined();
});

test("an app's own look leaves the screens in the client's language", () => {
  const look = { colors: { accent: "#5b2a86" } };
  const view = (language?: "pl") => (
    <ScreensProvider theme={look} {...(language === undefined ? {} : { language })}>
      <NotificationList />
    </ScreensProvider>
  );
  const { unmount } = show(view(), clientOf(null, "de"));
  expect(screen.getByText("Bitte melde dich zuerst an")).toBeDefined();
  unmount();
  show(view("pl"), clientOf(null, "de"));
  expect(screen.getByText("Najpierw się zaloguj")).toBeDefined();
});

test("files that cannot be chosen are said to be, and nothing is thrown", async () => {
  const pickFiles = vi.fn(() => Promise.reject(new Error("no permission")));
  show(<ReportAbuse pickFiles={pickFiles} />, clientOf("somebody"));
  await act(async () => {
    fireEvent.click(screen.getByRole("button", { name: "Add a file" }));
  });
  expect(pickFiles).toHaveBeenCalledOnce();
  expect(screen.getByText(/This file could not be taken/)).toBeDefined();
});

test("a report that could not be withdrawn is still shown", () => {
  render(
    <ScreensProvider language="en">
      <ReportAbuseView
        report={{ state: "sent", report: null, takedowns: [], isDuplicate: false }}
        withdrawError="This is decided or closed already."
        onEdit={vi.fn()}
        onSubmit={vi.fn()}
        onWithdraw={vi.fn()}
      />
    </ScreensProvider>,
  );
  expect(screen.getByText("This is decided or closed already.")).toBeDefined();
  expect(screen.getByText("We have your report")).toBeDefined();
  expect(screen.getByRole("button", { name: "Withdraw the report" })).toBeDefined();
});

/** A task that ends as told. */
function taskOf(state: UploadState, done: UploadTask["done"]): UploadTask {
  done.catch(() => undefined);
  return {
    uploadId: "upload",
    state: () => state,
    subscribe: (listener) => {
      listener(state);
      return () => undefined;
    },
    pause: () => undefined,
    resume: () => undefined,
    cancel: async () => false,
    done,
  };
}

test("a picture that our first check would hold back can be sent anyway", async () => {
  const error = new MediaIntegrityError("upload-refused", { reason: "would_be_held" });
  const uploadMedia = vi.fn<MediaIntegrityClient["uploadMedia"]>();
  uploadMedia.mockReturnValueOnce(taskOf({ state: "failed", error }, Promise.reject(error)));
  uploadMedia.mockReturnValueOnce(taskOf({ state: "preparing" }, new Promise(() => undefined)));
  const client = { ...clientOf("somebody"), uploadMedia };
  function Upload(): ReactNode {
    const media = useMediaUpload();
    return (
      <>
        <button
          onClick={() => void media.uploadWithIntegrityCheck(new Blob(["a"]), { surface: "feed" })}
        >
          upload
        </button>
        <ScanProgress upload={media} />
      </>
    );
  }
  show(<Upload />, client);
  await act(async () => {
    fireEvent.click(screen.getByText("upload"));
  });
  await act(async () => {
    fireEvent.click(screen.getByRole("button", { name: "Send it anyway" }));
  });
  expect(uploadMedia).toHaveBeenCalledTimes(2);
  expect(uploadMedia.mock.calls[1]?.[1]).toEqual({ surface: "feed", preflight: false });
  expect(screen.getByText("Preparing your file")).toBeDefined();
  expect(screen.queryByRole("button", { name: "Send it anyway" })).toBeNull();
});

test("what did not fail so cannot be sent anyway", async () => {
  const { result } = renderHook(() => useMediaUpload(), {
    wrapper: ({ children }) => (
      <MediaIntegrityProvider client={clientOf("somebody")}>{children}</MediaIntegrityProvider>
    ),
  });
  await expect(result.current.sendAnyway()).resolves.toEqual({ state: "ignored" });
});
