import { expect, test } from "vitest";

import { createNews, documentListener, queryListener, type News } from "../../src/firebase/news.js";
import type { StoredDocument } from "../../src/types/port.js";

const snapshot = (fields: { readonly a: number } | undefined, fromCache: boolean) => ({
  id: "id",
  ref: { path: "folder/id" },
  data: () => fields,
  metadata: { fromCache },
});

/** A listener to one document, with what it is told of it. */
function listening(isNews: News) {
  const told: unknown[] = [];
  const hear = documentListener(isNews, (found: StoredDocument | null) =>
    told.push(found === null ? null : found.fields),
  );
  return { told, hear };
}

test("a cache that ends with the app is told to its only person at once", () => {
  const { told, hear } = listening(createNews({ outlivesApp: false })("anna"));
  hear(snapshot({ a: 1 }, true));
  expect(told).toEqual([{ a: 1 }]);
  hear(snapshot({ a: 1 }, false));
  expect(told).toHaveLength(1);
});

test("a cache that may be of an earlier run is told only after the server has said something", () => {
  const { told, hear } = listening(createNews({ outlivesApp: true })("anna"));
  hear(snapshot({ a: 1 }, true));
  expect(told).toEqual([]);
  // The server agrees: that is metadata alone.
  hear(snapshot({ a: 1 }, false));
  expect(told).toEqual([{ a: 1 }]);
  hear(snapshot({ a: 2 }, true));
  expect(told).toEqual([{ a: 1 }, { a: 2 }]);
});

test("each listener waits for the server by itself", () => {
  const newsFor = createNews({ outlivesApp: true });
  listening(newsFor("anna")).hear(snapshot({ a: 1 }, false));
  const other = listening(newsFor("anna"));
  other.hear(snapshot({ a: 1 }, true));
  expect(other.told).toEqual([]);
});

test("of a query the same", () => {
  const told: number[] = [];
  const hear = queryListener(createNews({ outlivesApp: true })("anna"), ({ length }) =>
    told.push(length),
  );
  const docs = [snapshot({ a: 1 }, true)];
  hear({ docs, metadata: { fromCache: true } });
  expect(told).toEqual([]);
  hear({ docs, metadata: { fromCache: false } });
  expect(told).toEqual([1]);
});

test("nobody is told that there is nothing before the server has said so", () => {
  for (const outlivesApp of [false, true]) {
    const { told, hear } = listening(createNews({ outlivesApp })("anna"));
    hear(snapshot(undefined, true));
    expect(told).toEqual([]);
    hear(snapshot(undefined, false));
    expect(told).toEqual([null]);
  }
});

test("once a second person uses the app its cache is nobody's", () => {
  const newsFor = createNews({ outlivesApp: false });
  newsFor("anna");
  const { told, hear } = listening(newsFor("ben"));
  hear(snapshot({ a: 1 }, true));
  expect(told).toEqual([]);
});
