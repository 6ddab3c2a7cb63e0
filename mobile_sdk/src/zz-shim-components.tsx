// @ts-nocheck
/* eslint-disable */
import { createElement as h, useEffect, useState } from "react";
import { Text, View } from "react-native";
export { LANGUAGE_NAMES, LANGUAGES, languageOf } from "./i18n/languages.js";
export { ScreensProvider, useScreens } from "./components/context.js";
export { ScanProgressView } from "./components/scan-progress-view.js";
export { ProtectedBadge } from "./components/protected-badge.js";
import { Screen, Head } from "./components/parts/frame.js";
import { Heading } from "./components/parts/text.js";
import { AppealPortalView } from "./components/appeal-portal-view.js";
import { ConsentRequestView } from "./components/consent-request-view.js";
import { ConsentConfirmationView } from "./components/consent-confirmation-view.js";
import { MediaBlockedView } from "./components/media-blocked-view.js";
import { NotificationListView } from "./components/notification-list-view.js";
import { ReportAbuseView } from "./components/report-abuse-view.js";
import { VictimIdentityShieldView } from "./components/victim-identity-shield-view.js";
import * as R from "./react/index.js";
const busyOf = (actions) => Object.entries(actions).find(([, a]) => a.state === "busy")?.[0] ?? null;
const errorOf = (actions) => Object.values(actions).find((a) => a.state === "failed")?.error.userMessage ?? null;
const wait = (s) => h(Screen, null, h(Heading, { level: 1 }, s));
export function AppealPortal({ caseId, pickFile }) {
  const a = R.useMediaIntegrityAppeal(caseId);
  if (["idle", "loading", "signed-out", "failed"].includes(a.appeal.state)) return wait(a.appeal.state);
  return h(AppealPortalView, { appeal: a.appeal, onReason: a.setReason, onText: a.setText, onRemoveFile: a.removeFile, onPickFiles: async () => { const f = await pickFile(); if (f) a.addFiles([f]); }, onSubmit: a.submit });
}
export function ConsentRequestScreen({ token, requestId }) {
  return token ? h(ByLink, { token }) : h(ById, { requestId });
}
function ByLink({ token }) {
  const l = R.useConsentLink(token);
  const st = l.link.state === "open" ? (l.link.link.status === "pending" ? { state: "open", ...l.link.link, expiresAt: new Date(l.link.link.expiresAt), preview: l.link.link.preview && "data:image/jpeg;base64," + l.link.link.preview } : { state: l.link.link.status }) : l.link.state === "failed" ? { state: "missing" } : { state: "loading" };
  return h(ConsentRequestView, { asked: st, onAnswer: l.answer, byLink: true });
}
function ById({ requestId }) {
  const r = R.useConsentRequests();
  if (r.requests.state !== "ready") return h(ConsentRequestView, { asked: { state: "loading" } });
  const f = [...r.requests.pending, ...r.requests.settled].find((x) => x.request.id === requestId);
  const st = !f ? { state: "missing" } : f.request.status === "pending" || !f.request.status ? { state: "open", preview: null, ...f.request } : { state: f.request.status };
  return h(ConsentRequestView, { asked: st, onAnswer: (a) => r.answer(requestId, a) });
}
export function ConsentConfirmation({ jobId, linkTo }) {
  const c = R.useConsent(jobId);
  if (c.consent.state === "failed") return wait(c.consent.error.userMessage);
  if (!("standing" in c.consent) && c.consent.state !== "ready" && c.consent.state !== "waiting") return wait(c.consent.state);
  const v = c.consent;
  return h(ConsentConfirmationView, { consent: v.standing ?? v.consent ?? v, requests: v.requests ?? [], links: (v.links ?? []).map((x) => ({ requestId: x.requestId, url: linkTo(x.token) })), busy: busyOf(c.actions), error: errorOf(c.actions), onSelf: c.confirmSelf, onMakeLink: () => c.ask([{ link: true }]), onAskAccount: (userId) => c.ask([{ userId }]), onStatement: c.offerStatement });
}
export function MediaBlockedScreen({ caseId, onAppeal, onAnother }) {
  const c = R.useCase(caseId);
  if (c.state !== "ready") return wait(c.state);
  const held = c.case.status === "OPEN" || c.case.action === "REVIEW";
  return h(MediaBlockedView, { outcome: c.case.status === "OPEN" || (c.case.status === "IN_REVIEW" && c.case.action === "REVIEW") ? "held" : "blocked", verdict: { reasons: [], appealable: c.case.appealable ?? false }, found: c, ...(c.mayAppeal ? { onAppeal } : {}), onAnother });
}
export function NotificationList({ onOpen }) {
  const n = R.useNotifications();
  return h(Screen, null, h(Heading, { level: 1 }, "x"), n.notifications.state === "ready" ? h(NotificationListView, { notifications: n.notifications.list, onOpen: (x) => { n.markRead(x.id); onOpen?.(x); } }) : null);
}
export function ReportAbuse() {
  const r = R.useReport();
  if (r.report.state !== "drafting") return wait(r.report.state);
  return h(ReportAbuseView, { report: { ...r.report, error: null }, onEdit: r.edit, onSubmit: r.submit });
}
export function VictimIdentityShield({ pickFile }) {
  const s = R.useVictimShield();
  if (s.shield.state !== "none" && s.shield.state !== "one") return wait(s.shield.state);
  return h(VictimIdentityShieldView, { shield: s.shield.state === "one" ? s.shield.shield : null, busy: busyOf(s.actions), error: errorOf(s.actions), onCreate: (level) => s.create({ level }), onLevel: (level) => s.update({ level }), onToggle: (t, on) => s.update({ toggles: { [t]: on } }), onPause: s.pause, onResume: s.resume, onDelete: s.remove, onAddReference: async () => { const f = await pickFile(); if (f) s.addReference(f); }, onRemoveReference: s.removeReference });
}
