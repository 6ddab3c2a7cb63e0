/** Who is signed in. `unknown` until Firebase Auth has looked for an earlier session. */
export type UserState =
  | { readonly state: "unknown" }
  | { readonly state: "signed-out" }
  | { readonly state: "signed-in"; readonly userId: string };

/** `session` grows with every change, so that the same person signing in again begins anew. */
export interface Session {
  readonly user: UserState;
  readonly session: number;
}

export interface UserEvent {
  readonly type: "user";
  readonly userId: string | null;
}

/** Before anybody has been told: a null may mean that it is not known yet. */
export function firstSession(userId: string | null): Session {
  return {
    user: userId === null ? { state: "unknown" } : { state: "signed-in", userId },
    session: 0,
  };
}

export function reduceUser(session: Session, { userId }: UserEvent): Session {
  const { user } = session;
  if (userId === null) {
    return user.state === "signed-out"
      ? session
      : { user: { state: "signed-out" }, session: session.session + 1 };
  }
  return user.state === "signed-in" && user.userId === userId
    ? session
    : { user: { state: "signed-in", userId }, session: session.session + 1 };
}
