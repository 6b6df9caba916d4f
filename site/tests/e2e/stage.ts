/** A real Passerby server with a small city, and a real Chromium in front of it. */
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createRequire } from "node:module";
import { chromium, type Browser, type BrowserContextOptions, type Page } from "playwright-core";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const CHROMIUM = process.env["PASSERBY_CHROMIUM"] ?? "/usr/bin/chromium";
const PYTHON = process.env["PASSERBY_PYTHON"] ?? join(ROOT, ".venv/bin/python");
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--use-angle=swiftshader",
  "--enable-unsafe-swiftshader",
];
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf-8");

/** Why the journeys cannot run here, null where they can. */
export const missing = !existsSync(CHROMIUM)
  ? `no ${CHROMIUM}: apt-get install chromium`
  : !existsSync(PYTHON)
    ? `no ${PYTHON}: make setup`
    : !existsSync(join(ROOT, "site/dist/index.html"))
      ? "the site is not built: npm run build"
      : null;

export interface Stage {
  readonly url: string;
  /** Folder of another log that the same keys signed. */
  readonly fork: string;
  /** File that names the log's key and its witnesses. */
  readonly policy: string;
  readonly browser: Browser;
  readonly close: () => Promise<void>;
}

interface Told {
  readonly url: string;
  readonly fork: string;
  readonly policy: string;
}

function told(server: ChildProcess): Promise<Told> {
  return new Promise((resolve, reject) => {
    let errors = "";
    server.stderr!.on("data", (data: Buffer) => (errors += data.toString()));
    server.stdout!.once("data", (data: Buffer) => resolve(JSON.parse(data.toString()) as Told));
    server.once("exit", (code) => reject(new Error(`the server ended with ${code}: ${errors.slice(-2000)}`)));
  });
}

/** `tiles`: address of the tile server that the city names. */
export async function setStage(tiles?: string): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), "passerby-site-"));
  const env = { ...process.env, PYTHONPATH: `${join(ROOT, "src")}:${ROOT}` };
  const server = spawn(PYTHON, ["-m", "tests.site_city", folder, ...(tiles ? [tiles] : [])], {
    cwd: ROOT,
    env,
    stdio: ["pipe", "pipe", "pipe"],
  });
  const [{ url, fork, policy }, browser] = await Promise.all([
    told(server),
    chromium.launch({ executablePath: CHROMIUM, args: FLAGS }),
  ]);
  const close = async () => {
    await browser.close();
    const ended = new Promise((resolve) => server.once("exit", resolve));
    server.stdin.end();
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  return { url, fork, policy, browser, close };
}

/** What the command line says of a receipt. */
export function verifyByCommand(stage: Stage, receipt: string): string {
  const arguments_ = ["-m", "passerby.apps.cli.main", "log", "verify", receipt, "--policy", stage.policy];
  return execFileSync(PYTHON, arguments_, { env: { ...process.env, PYTHONPATH: join(ROOT, "src") } }).toString();
}

export interface Visit {
  readonly page: Page;
  /** What the browser complained of: errors of the page, refusals of the policy. */
  readonly complaints: string[];
  /** Requests that went to another server. */
  readonly outside: string[];
  readonly leave: () => Promise<void>;
}

export async function visit(stage: Stage, path: string, options: BrowserContextOptions = {}): Promise<Visit> {
  const context = await stage.browser.newContext({ viewport: { width: 1280, height: 900 }, locale: "en-GB", ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  const outside: string[] = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error" || /Content Security Policy/.test(message.text())) complaints.push(message.text());
  });
  page.on("request", (request) => {
    if (!request.url().startsWith(stage.url) && !/^(blob|data):/.test(request.url())) outside.push(request.url());
  });
  await page.goto(stage.url + path);
  await page.locator("main h1").first().waitFor();
  return { page, complaints, outside, leave: () => context.close() };
}

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly target: unknown; readonly failureSummary?: string }[];
  }[];
  readonly passes: readonly unknown[];
}

/** Violations of WCAG 2.2 A and AA and of axe's best practices; the context must have been made with `bypassCSP`. */
export async function axe(page: Page): Promise<{ violations: string[]; passes: number }> {
  await page.evaluate(AXE);
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
  const found = await page.evaluate(
    (values) =>
      (globalThis as unknown as { axe: { run: (what: unknown, how: unknown) => Promise<unknown> } }).axe.run(document, {
        runOnly: values,
      }),
    tags,
  );
  const { violations, passes } = found as AxeResult;
  const said = violations.flatMap((one) =>
    one.nodes.map((node) => `${one.id}: ${JSON.stringify(node.target)} ${node.failureSummary ?? ""}`),
  );
  return { violations: said, passes: passes.length };
}
