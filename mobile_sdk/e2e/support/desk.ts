import { signUp, type Person } from "../../tests/support/people.js";
import { HOST, stack } from "../../tests/support/stack.js";

/** Somebody who calls functions without an app, as the moderators' console does. */
export interface Caller {
  readonly person: Person;
  call(name: string, data: object): Promise<Readonly<Record<string, unknown>>>;
}

export async function moderator(name: string, senior = false): Promise<Caller> {
  const claims = senior ? { moderator: true, senior_moderator: true } : { moderator: true };
  return caller(await signUp(name, claims));
}

export async function caller(person: Person): Promise<Caller> {
  const { email, password } = person;
  const root = `http://${HOST}:${stack().ports.auth}/identitytoolkit.googleapis.com/v1`;
  const session = await post(`${root}/accounts:signInWithPassword?key=local`, "", {
    email,
    password,
    returnSecureToken: true,
  });
  return {
    person,
    async call(name, data) {
      const { ports, project } = stack();
      const url = `http://${HOST}:${ports.functions}/${project}/us-central1/${name}`;
      const answer = await post(url, String(session["idToken"]), { data });
      const result = answer["result"];
      return typeof result === "object" && result !== null ? { ...result } : {};
    },
  };
}

/** Ids of somebody's shields, past the rules. */
export async function shieldsOf(ownerId: string): Promise<readonly string[]> {
  const { ports, project } = stack();
  const root = `http://${HOST}:${ports.firestore}/v1/projects/${project}/databases/(default)`;
  const where = {
    fieldFilter: {
      field: { fieldPath: "ownerId" },
      op: "EQUAL",
      value: { stringValue: ownerId },
    },
  };
  const rows = await postAny(`${root}/documents:runQuery`, "owner", {
    structuredQuery: { from: [{ collectionId: "victim_identity_shields" }], where },
  });
  if (!Array.isArray(rows)) return [];
  return rows.flatMap((row: { readonly document?: { readonly name: string } }) => {
    const id = row.document?.name.split("/").at(-1);
    return id === undefined ? [] : [id];
  });
}

async function post(
  url: string,
  token: string,
  body: object,
): Promise<Readonly<Record<string, unknown>>> {
  const answer = await postAny(url, token, body);
  return typeof answer === "object" && answer !== null ? { ...answer } : {};
}

async function postAny(url: string, token: string, body: object): Promise<unknown> {
  const response = await fetch(url, {
    method: "POST",
    headers: {
      "Content-Type": "application/json",
      ...(token === "" ? {} : { Authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(body),
  });
  const answer: unknown = await response.json();
  if (!response.ok) {
    throw new Error(`${new URL(url).pathname}: ${response.status} ${JSON.stringify(answer)}`);
  }
  return answer;
}
