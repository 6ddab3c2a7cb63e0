/**
 * How long PDQ takes: `node bench/pdq.mjs [--browser]`. Prints a table, then one line of JSON.
 * `--browser` runs it in headless Chromium (CHROMIUM, or /usr/bin/chromium) as well, with decoding
 * by the browser. Times are milliseconds.
 */

import { bundle } from "./bundle.mjs";

const HASHING = `
  export * from "/src/hashing/index.ts";
  export { photograph } from "/tests/hashing/pictures.ts";
`;

/** Runs where the hashing runs, so it must be whole in itself: it is sent to the browser as text. */
async function measure(hashing, openers, rounds) {
  const { photograph, pdq, pdqForms } = hashing;
  const rows = [];
  const time = async (name, count, run) => {
    await run(); // the first run compiles
    await run();
    const times = [];
    for (let round = 0; round < count; round++) {
      const start = performance.now();
      await run();
      times.push(performance.now() - start);
    }
    times.sort((one, other) => one - other);
    rows.push({
      what: name,
      runs: count,
      median: Number(times[Math.floor(count / 2)].toFixed(2)),
      p95: Number(times[Math.min(count - 1, Math.ceil(0.95 * count) - 1)].toFixed(2)),
    });
  };
  const small = photograph(512, 512, 1);
  const large = photograph(4000, 3000, 2);
  await time("512 x 512", rounds, () => pdq(small));
  await time("512 x 512, eight forms", rounds, () => pdqForms(small));
  await time("12 megapixels", rounds / 5, () => pdq(large));
  await time("12 megapixels, eight forms", rounds / 5, () => pdqForms(large));
  for (const [name, size, picture] of [
    ["512 x 512 JPEG with decoding", rounds / 2, small],
    ["12 megapixel JPEG with decoding", rounds / 10, large],
  ]) {
    const open = await openers(picture);
    await time(name, size, async () => pdqForms(await open()));
  }
  return rows;
}

/** In Node by jpeg-js, which is also what decodes under Expo. */
async function inNode(code) {
  const hashing = await import(`data:text/javascript,${encodeURIComponent(code)}`);
  const { default: jpeg } = await import("jpeg-js");
  const opener = (picture) => {
    const file = jpeg.encode(picture, 90).data;
    return () => jpeg.decode(file, { useTArray: true, maxMemoryUsageInMB: 1024 });
  };
  return { where: `Node ${process.version}`, rows: await measure(hashing, opener, 100) };
}

async function inBrowser(code) {
  const { chromium } = await import("playwright-core");
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox"],
  });
  try {
    const page = await browser.newPage();
    const rows = await page.evaluate(
      async ([code, measureText]) => {
        const address = globalThis.URL.createObjectURL(
          new globalThis.Blob([code], { type: "text/javascript" }),
        );
        const hashing = await import(address);
        const opener = async ({ data, width, height }) => {
          const canvas = new globalThis.OffscreenCanvas(width, height);
          canvas.getContext("2d").putImageData(new globalThis.ImageData(data, width, height), 0, 0);
          const file = await canvas.convertToBlob({ type: "image/jpeg", quality: 0.9 });
          return () => hashing.decodeForHashing(file);
        };
        const measure = new globalThis.Function(`return ${measureText}`)();
        return measure(hashing, opener, 100);
      },
      [code, measure.toString()],
    );
    return { where: `Chromium ${browser.version()}`, rows };
  } finally {
    await browser.close();
  }
}

const code = await bundle(HASHING);
const results = [await inNode(code)];
if (process.argv.includes("--browser")) results.push(await inBrowser(code));
for (const { where, rows } of results) {
  console.log(where);
  console.table(rows);
}
console.log(JSON.stringify(results));
