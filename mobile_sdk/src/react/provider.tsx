import { createContext, useContext, useMemo, type ReactNode } from "react";

import type { Language, MediaIntegrityClient } from "../types/index.js";

interface Provided {
  readonly client: MediaIntegrityClient;
  readonly language: Language;
}

const Context = createContext<Provided | null>(null);

export interface MediaIntegrityProviderProps {
  /** Made once, outside of React, by `createMediaIntegrityClient`. The app closes it, if ever. */
  readonly client: MediaIntegrityClient;
  /** Of the screens. Default: the client's. */
  readonly language?: Language;
  readonly children?: ReactNode;
}

/**
 * Gives every hook and screen below it the client.
 *
 * @example
 * ```tsx
 * const client = createMediaIntegrityClient({ firebase: webFirebase({ app }) });
 *
 * <MediaIntegrityProvider client={client}>
 *   <App />
 * </MediaIntegrityProvider>
 * ```
 */
export function MediaIntegrityProvider({
  client,
  language = client.language,
  children,
}: MediaIntegrityProviderProps): ReactNode {
  const provided = useMemo(() => ({ client, language }), [client, language]);
  return <Context value={provided}>{children}</Context>;
}

export function useProvided(): Provided {
  const provided = useContext(Context);
  if (provided === null) {
    throw new Error("Put <MediaIntegrityProvider client={…}> around what uses this hook.");
  }
  return provided;
}

export function useClient(): MediaIntegrityClient {
  return useProvided().client;
}
