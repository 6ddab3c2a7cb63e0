import type { Language } from "../../types/generated/messages.js";
import type { Categories, PluralCategory } from "../plural.js";
import type { en } from "./en.js";

type Source = typeof en;

export type Section = keyof Source & string;

/** The forms of a plural. Which there are depends on the language; `other` is always one. */
export type PluralForms = Readonly<Partial<Record<PluralCategory, string>>> & {
  readonly other: string;
};

/** The words in one language: the keys of English, and every plural form that it has. */
export type MessagesIn<L extends Language> = {
  readonly [S in Section]: {
    readonly [K in keyof Source[S]]: Source[S][K] extends string
      ? string
      : Readonly<Record<Categories[L], string>>;
  };
};

/** The words in any language. */
export type Messages = {
  readonly [S in Section]: {
    readonly [K in keyof Source[S]]: Source[S][K] extends string ? string : PluralForms;
  };
};

/** `appeal.heading` and the like. */
export type MessageKey = {
  [S in Section]: `${S}.${keyof Source[S] & string}`;
}[Section];

type Leaf<K extends MessageKey> = K extends `${infer S}.${infer N}`
  ? S extends Section
    ? N extends keyof Source[S]
      ? Source[S][N]
      : never
    : never
  : never;

type Names<T extends string> = T extends `${string}{${infer N}}${infer Rest}`
  ? N | Names<Rest>
  : never;

type NamesOf<K extends MessageKey> =
  Leaf<K> extends string
    ? Names<Leaf<K>>
    : Leaf<K> extends { readonly other: infer O extends string }
      ? Names<O> | "count"
      : never;

/** What has to be filled in: `count` is the number that a plural follows. */
export type Values<K extends MessageKey> = {
  readonly [N in NamesOf<K>]: N extends "count" ? number : string | number;
};

/** Nothing where nothing is to be filled in. */
export type Arguments<K extends MessageKey> = [NamesOf<K>] extends [never]
  ? readonly []
  : readonly [values: Values<K>];
