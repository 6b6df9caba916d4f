/** What each page weighs and how soon it stands: npm run weigh -- http://127.0.0.1:8000 [language] */
import { chromium } from "playwright-core";

const [base = "http://127.0.0.1:8000", locale = "en"] = process.argv.slice(2);
const executablePath = process.env.PASSERBY_CHROMIUM ?? "/usr/bin/chromium";
const args = ["--no-sandbox", "--disable-gpu", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"];
const browser = await chromium.launch({ executablePath, args });
const sensors = (await (await fetch(`${base}/api/v1/sensors?limit=1000`)).json()).items;
const camera = sensors.find((one) => one.type === "camera") ?? sensors[0];
const rows = [];
for (const path of ["/", "/numbers", `/place/${camera.id}`, `/sign/${camera.id}`, "/mandates", "/check", "/object"]) {
  const context = await browser.newContext({ locale });
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send("Network.enable");
  const urls = new Map();
  let [site, data] = [0, 0];
  session.on("Network.responseReceived", ({ requestId, response }) => urls.set(requestId, response.url));
  session.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    if (/\/(api|log|data|plates)\//.test(urls.get(requestId) ?? "")) data += encodedDataLength;
    else site += encodedDataLength;
  });
  await page.goto(base + path);
  await page.locator("main h1").first().waitFor();
  const heading = await page.evaluate(() => performance.now());
  await page.waitForTimeout(2500);
  const paint = await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0);
  rows.push({
    page: path,
    "site kB": +(site / 1000).toFixed(1),
    "data kB": +(data / 1000).toFixed(1),
    "first paint ms": Math.round(paint),
    "page stands ms": Math.round(heading),
  });
  await context.close();
}
console.table(rows);
await browser.close();
