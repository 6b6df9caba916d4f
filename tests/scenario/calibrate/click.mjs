// node click.mjs URL FOLDER POINTS: clicks points on the page of passerby calibrate and writes their metres.
// POINTS: JSON of [x, y, X, Y], shares of the picture and m. Pictures of the page go to FOLDER, where it is not empty.
import { createRequire } from "node:module";

const [url, folder, text] = process.argv.slice(2);
const { chromium } = createRequire(new URL("../../../site/package.json", import.meta.url))("playwright-core");
const browser = await chromium.launch({
  executablePath: process.env.PASSERBY_CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"],
});
const errors = [];
const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
page.on("pageerror", (error) => errors.push(String(error)));
const outside = [];
page.on("request", (request) => request.url().startsWith(url) || request.url().startsWith("blob:") || outside.push(request.url()));
await page.goto(url);
const box = await page.locator("#plate").boundingBox();
for (const [x, y, across, ahead] of JSON.parse(text)) {
  await page.mouse.click(box.x + x * box.width, box.y + y * box.height);
  await page.keyboard.type(String(across));
  await page.keyboard.press("Tab");
  await page.keyboard.type(String(ahead));
}
await page.locator("#grid:not([hidden])").waitFor();
for (const [name, colorScheme, width, height] of [
  ["light", "light", 1280, 800],
  ["dark", "dark", 1280, 800],
  ["phone", "light", 390, 844],
]) {
  await page.emulateMedia({ colorScheme });
  await page.setViewportSize({ width, height });
  if (folder) await page.screenshot({ path: `${folder}/${name}.png` });
}
const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
await page.getByRole("button", { name: "Use these points" }).click();
await page.getByText("Taken.").waitFor();
await browser.close();
console.log(JSON.stringify({ errors, outside, wide }));
