import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { Browser } from "playwright-core";

/** A picture of one page of the dashboard. */
export interface Picture {
  /** Of the file, without its ending. */
  readonly name: string;
  /** With its query. */
  readonly path: string;
  /** Part of what is on the page when it is complete. */
  readonly awaited: string;
  readonly viewport: { readonly width: number; readonly height: number };
  readonly scale: number;
  readonly scheme: "light" | "dark";
}

const bytesMax = 350_000;
const waitMaxMs = 20_000;

/** Takes a picture into a folder. @throws Error when the file is too large for a page that people read */
export async function takePicture(
  browser: Browser,
  opsUrl: string,
  folder: string,
  picture: Picture,
): Promise<void> {
  const { name, path, awaited, viewport, scale, scheme } = picture;
  const context = await browser.newContext({
    viewport,
    deviceScaleFactor: scale,
    colorScheme: scheme,
    reducedMotion: "reduce",
  });
  try {
    context.setDefaultTimeout(waitMaxMs);
    const page = await context.newPage();
    await page.goto(opsUrl + path);
    await page.getByText(awaited).first().waitFor();
    if (path.startsWith("/?")) await page.locator(".recharts-line-curve").nth(10).waitFor();
    // Two answers, so that nothing is on its way in when the picture is taken.
    for (let round = 0; round < 2; round += 1)
      await page.waitForResponse((response) => response.url().includes("/ops/v1/overview"));
    const file = join(folder, `${name}.png`);
    await page.screenshot({ path: file, caret: "hide", animations: "disabled" });
    const { size } = await stat(file);
    if (size > bytesMax) throw new Error(`${name}.png has ${size} bytes, which is more than ${bytesMax}.`);
    process.stderr.write(`${name}.png  ${Math.round(size / 1000)} kB\n`);
  } finally {
    await context.close();
  }
}
