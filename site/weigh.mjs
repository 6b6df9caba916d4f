/** What each page weighs and how soon it stands: npm run weigh [-- http://127.0.0.1:8000]; without an address, of a small city. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";

const LANGUAGES = ["en", "et", "kk", "ky", "ru", "uk"];
const [address] = process.argv.slice(2);
const city = address ? { url: address, close() {} } : await smallCity();
const executablePath = process.env.PASSERBY_CHROMIUM ?? "/usr/bin/chromium";
const args = ["--no-sandbox", "--disable-gpu", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"];
const browser = await chromium.launch({ executablePath, args });
const sensors = (await (await fetch(`${city.url}/api/v1/sensors?limit=1000`)).json()).items;
const camera = sensors.find((one) => one.type === "camera") ?? sensors[0];

async function smallCity() {
  const root = new URL("..", import.meta.url).pathname;
  const python = process.env.PASSERBY_PYTHON ?? `${root}.venv/bin/python`;
  const folder = mkdtempSync(join(tmpdir(), "passerby-weigh-"));
  const env = { ...process.env, PYTHONPATH: `${root}src:${root}` };
  const server = spawn(python, ["-m", "tests.site_city", folder], { cwd: root, env, stdio: ["pipe", "pipe", "inherit"] });
  const { url } = await new Promise((resolve, reject) => {
    server.stdout.once("data", (data) => resolve(JSON.parse(data.toString())));
    server.once("exit", (code) => reject(new Error(`the server ended with ${code}`)));
  });
  const close = () => {
    server.once("exit", () => rmSync(folder, { recursive: true, force: true }));
    server.stdin.end();
  };
  return { url, close };
}

/** One visit with nothing kept from before. */
async function weigh(path, locale) {
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
  await page.goto(city.url + path);
  await page.locator("main h1").first().waitFor();
  const stands = await page.evaluate(() => performance.now());
  await page.waitForTimeout(2500);
  const paint = await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0);
  await context.close();
  return {
    page: path,
    language: locale,
    "site kB": +(site / 1000).toFixed(1),
    "data kB": +(data / 1000).toFixed(1),
    "first paint ms": Math.round(paint),
    "page stands ms": Math.round(stands),
  };
}

const rows = [];
await weigh("/", "en");
for (const locale of LANGUAGES) rows.push(await weigh("/", locale));
for (const path of ["/numbers", `/place/${camera.id}`, `/sign/${camera.id}`, "/mandates", "/check", "/object", "/open-data"])
  rows.push(await weigh(path, "en"));
console.table(rows);
await browser.close();
city.close();
