import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { Browser } from "playwright-core";

/** A picture of one page of the dashboard or the storefront. */
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
  /** Whether the page asks for news all the time, as the dashboard does: then two answers are waited for. */
  readonly polls: boolean;
}

/** People read these pages on slow lines, too. */
const bytesMax = 350_000;
const waitMaxMs = 20_000;

/** Takes pictures into a folder. @throws Error when one of them is too large, after all have been taken */
export async function takePictures(
  browser: Browser,
  origin: string,
  folder: string,
  pictures: readonly Picture[],
): Promise<void> {
  const tooLarge: string[] = [];
  for (const picture of pictures) {
    const file = join(folder, `${picture.name}.png`);
    await takePicture(browser, origin, file, picture);
    const { size } = await stat(file);
    process.stderr.write(`${picture.name}.png  ${Math.round(size / 1000)} kB\n`);
    if (size > bytesMax) tooLarge.push(picture.name);
  }
  if (tooLarge.length > 0)
    throw new Error(
      `More than ${bytesMax} bytes, so take a smaller part of the page: ${tooLarge.join(", ")}.`,
    );
}

async function takePicture(browser: Browser, origin: string, file: string, picture: Picture): Promise<void> {
  const { path, awaited, viewport, scale, scheme, polls } = picture;
  const context = await browser.newContext({
    viewport,
    deviceScaleFactor: scale,
    colorScheme: scheme,
    reducedMotion: "reduce",
  });
  try {
    context.setDefaultTimeout(waitMaxMs);
    const page = await context.newPage();
    await page.goto(origin + path);
    await page.getByText(awaited).first().waitFor();
    if (path.startsWith("/?")) await page.locator(".recharts-line-curve").nth(10).waitFor();
    // Two answers, so that nothing is on its way in when the picture is taken.
    for (let round = 0; round < (polls ? 2 : 0); round += 1)
      await page.waitForResponse((response) => response.url().includes("/ops/v1/overview"));
    await page.screenshot({ path: file, caret: "hide", animations: "disabled" });
  } finally {
    await context.close();
  }
}
