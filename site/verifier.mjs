/** How much the log's verifier weighs, and how long a browser needs for a long log: npm run verifier [-- LEAVES] */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliCompressSync } from "node:zlib";
import { chromium } from "playwright-core";
import { build } from "vite";

const leaves = Number(process.argv[2] ?? 100_000);
const python = process.env.PASSERBY_PYTHON ?? new URL("../.venv/bin/python", import.meta.url).pathname;
const root = new URL("..", import.meta.url).pathname;
const folder = join(mkdtempSync(join(tmpdir(), "passerby-log-")), "city");
const env = { ...process.env, PYTHONPATH: `${root}/src:${root}` };
execFileSync(python, ["-m", "tests.long_log", folder, String(leaves)], { cwd: root, env });
const lib = { entry: new URL("src/tlog/index.ts", import.meta.url).pathname, formats: ["es"] };
const [made] = await build({ configFile: false, logLevel: "error", build: { write: false, target: "es2022", lib } });
const chunks = new Map(made.output.map((one) => [one.fileName, one]));
const entry = made.output.find((one) => one.isEntry);
const needed = [entry, ...entry.imports.map((name) => chunks.get(name))];
const code = needed.map((one) => one.code).join("");
const spare = made.output.filter((one) => !needed.includes(one)).map((one) => one.code);

const server = createServer((request, response) => {
  try {
    if (request.url === "/") response.setHeader("content-type", "text/html").end("<!doctype html>");
    else if (chunks.has(request.url.slice(1)))
      response.setHeader("content-type", "text/javascript").end(chunks.get(request.url.slice(1)).code);
    else response.end(readFileSync(join(folder, request.url)));
  } catch {
    response.writeHead(404).end();
  }
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const url = `http://127.0.0.1:${server.address().port}`;
const executablePath = process.env.PASSERBY_CHROMIUM ?? "/usr/bin/chromium";
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu"] });
const times = [];
for (let round = 0; round < 5; round++) {
  const page = await (await browser.newContext()).newPage();
  await page.goto(url);
  times.push(
    await page.evaluate(
      async ([leaf, script]) => {
        const { parsePolicy, verifyLog } = await import(script);
        const read = async (path) => new Uint8Array(await (await fetch(path)).arrayBuffer());
        const [policy, seen] = [parsePolicy(await read("/policy.txt")), await read("/seen")];
        const start = performance.now();
        await verifyLog(
          (path) => read(`/log/${path}`),
          policy,
          () => {},
          { seen, leaves: [leaf] },
        );
        return performance.now() - start;
      },
      [Math.floor(leaves / 3), `/${entry.fileName}`],
    ),
  );
}
times.sort((a, b) => a - b);
console.log(
  JSON.stringify({
    leaves,
    "verifier kB": +(code.length / 1000).toFixed(1),
    "verifier kB, brotli": +(brotliCompressSync(code).length / 1000).toFixed(1),
    "more where the browser has no Ed25519, kB, brotli": +(brotliCompressSync(spare.join("")).length / 1000).toFixed(1),
    "checkpoint, quorum, growth, inclusion: ms": times.map(Math.round),
  }),
);
await browser.close();
server.close();
rmSync(join(folder, ".."), { recursive: true });
