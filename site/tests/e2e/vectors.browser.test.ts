/** The vectors of the log once more, in the browser that residents use, with its own cryptography. */
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { build, type Rolldown } from "vite";
import { missing, setStage, type Stage } from "./stage.ts";

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));

async function bundle(): Promise<string> {
  const made = (await build({
    configFile: false,
    logLevel: "error",
    root: here("../../"),
    resolve: { alias: { vitest: here("./vitestInBrowser.ts"), "node:fs": here("./filesInBrowser.ts") } },
    build: {
      write: false,
      minify: false,
      target: "es2022",
      lib: { entry: here("./vectorsInBrowser.ts"), formats: ["es"] },
    },
  })) as Rolldown.RolldownOutput[];
  return made[0]!.output[0].code;
}

describe.skipIf(missing)(missing ?? "vectors in Chromium", () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await setStage();
  }, 120_000);
  afterAll(() => stage.close());

  it("all pass", async () => {
    const page = await (await stage.browser.newContext({ bypassCSP: true })).newPage();
    await page.goto(`${stage.url}/check`);
    await page.addScriptTag({ type: "module", content: await bundle() });
    await page.waitForFunction(() => "ran" in globalThis);
    const ran = await page.evaluate(() => (globalThis as unknown as { ran: Promise<{ passed: number; failed: string[] }> }).ran);
    expect(ran.failed).toEqual([]);
    expect(ran.passed).toBeGreaterThan(290);
  });
});
