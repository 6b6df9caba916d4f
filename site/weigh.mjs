/** What each page weighs and how soon it stands: npm run weigh [-- http://127.0.0.1:8000]; without an address, of a small city. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
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
  const server = spawn(python, ["-m", "tests.site_city", folder], { cwd: root, env, stdio: ["pipe", "pipe", "pipe"] });
  let errors = "";
  server.stderr.on("data", (data) => (errors += data.toString()));
  const { url } = await new Promise((resolve, reject) => {
    server.stdout.once("data", (data) => resolve(JSON.parse(data.toString())));
    server.once("exit", (code) => reject(new Error(`the server ended with ${code}: ${errors.slice(-2000)}`)));
  });
  const close = () => {
    server.once("exit", () => rmSync(folder, { recursive: true, force: true }));
    server.stdin.end();
  };
  return { url, close };
}

const ROUNDS = 5;
const median = (values) => Math.round([...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]);

/** Visits with nothing kept from before: the first is weighed, the median of all is timed. */
async function weigh(path, locale) {
  const visits = [];
  for (let round = 0; round < ROUNDS; round++) visits.push(await visit(path, locale, round === 0 ? 2500 : 0));
  const times = (name) => median(visits.map((one) => one[name]));
  const { site, data } = visits[0];
  return {
    page: path,
    language: locale,
    "site kB": site,
    "data kB": data,
    "first paint ms": times("paint"),
    "page stands ms": times("stands"),
  };
}

async function visit(path, locale, wait) {
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
  await page.waitForTimeout(wait);
  const paint = await page.evaluate(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? 0);
  await context.close();
  return { site: +(site / 1000).toFixed(1), data: +(data / 1000).toFixed(1), paint, stands };
}

const rows = [];
await visit("/", "en", 0);
for (const locale of LANGUAGES) rows.push(await weigh("/", locale));
for (const path of ["/numbers", `/place/${camera.id}`, `/sign/${camera.id}`, "/mandates", "/check", "/object", "/open-data"])
  rows.push(await weigh(path, "en"));
console.table(rows);
console.log(`medians of ${ROUNDS} visits; load average ${loadavg()[0].toFixed(1)}`);
await browser.close();
city.close();
