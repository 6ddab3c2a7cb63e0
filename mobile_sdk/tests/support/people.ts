/** Accounts with custom claims, made over the Auth emulator's REST interface. */

import { randomBytes } from "node:crypto";

import { HOST, stack } from "./stack.js";

export interface Person {
  readonly uid: string;
  readonly email: string;
  readonly password: string;
}

export type Claims = Readonly<Record<string, string | boolean>>;

/** A new account of an adult, with more claims such as `{ moderator: true }`. */
export async function signUp(name = "person", claims: Claims = {}): Promise<Person> {
  const email = `${name}-${randomBytes(6).toString("hex")}@example.com`;
  const password = randomBytes(12).toString("base64url");
  const answer = await auth("accounts:signUp", { email, password }, false);
  const uid = "localId" in answer && typeof answer.localId === "string" ? answer.localId : "";
  await setClaims(uid, { ageGroup: "adult", ...claims });
  return { uid, email, password };
}

/** Replaces all claims. Tokens issued before do not change. */
export async function setClaims(uid: string, claims: Claims): Promise<void> {
  const body = { localId: uid, customAttributes: JSON.stringify(claims) };
  await auth(`projects/${stack().project}/accounts:update`, body, true);
}

async function auth(path: string, body: unknown, asAdmin: boolean): Promise<object> {
  const root = `http://${HOST}:${stack().ports.auth}/identitytoolkit.googleapis.com/v1`;
  const response = await fetch(`${root}/${path}?key=emulator`, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      ...(asAdmin ? { Authorization: "Bearer owner" } : {}),
    },
    body: JSON.stringify(body),
  });
  const answer: unknown = await response.json();
  if (!response.ok || typeof answer !== "object" || answer === null) {
    throw new Error(`${path}: ${response.status} ${JSON.stringify(answer)}`);
  }
  return answer;
}
