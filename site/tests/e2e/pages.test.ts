/** Pages that a journey passes by, in a real browser; the city of these tests names a tile server. */
import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readPdf } from "./pdf.ts";
import { missing, setStage, verifyByCommand, visit, type Stage } from "./stage.ts";

const PIXEL = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);
const DECISION = "How many people use Whiteknights junction";

describe.skipIf(missing)(missing ?? "pages in Chromium", () => {
  let stage: Stage;
  let tiles: Server;
  let tileServer: string;
  const asked: string[] = [];

  beforeAll(async () => {
    tiles = createServer((request, response) => {
      asked.push(request.url!);
      response.writeHead(200, { "content-type": "image/png", "access-control-allow-origin": "*" }).end(PIXEL);
    });
    await new Promise<void>((resolve) => tiles.listen(0, "127.0.0.1", resolve));
    tileServer = `http://127.0.0.1:${(tiles.address() as AddressInfo).port}`;
    stage = await setStage(`${tileServer}/{z}/{x}/{y}.png`);
  }, 120_000);
  afterAll(async () => {
    await stage.close();
    await new Promise((resolve) => tiles.close(resolve));
  });

  const mandate = async (title: string): Promise<string> => {
    const found = (await (await fetch(`${stage.url}/api/v1/mandates`)).json()) as { items: { title: string; hash: string }[] };
    return `/mandates/${found.items.find((one) => one.title === title)!.hash}`;
  };

  it("the map asks the tile server that the city names, and no other; the page says so, and the policy allows just it", async () => {
    const { page, outside, complaints, leave } = await visit(stage, "/");
    await page.locator(".maplibregl-canvas").waitFor();
    await page.waitForLoadState("networkidle");
    expect(asked.length).toBeGreaterThan(0);
    expect(asked.every((path) => /^\/\d+\/\d+\/\d+\.png$/.test(path))).toBe(true);
    expect(outside.filter((url) => !url.startsWith(`${tileServer}/`))).toEqual([]);
    const policy = (await fetch(stage.url)).headers.get("content-security-policy")!;
    expect(policy).toContain(`img-src 'self' data: blob: ${tileServer};`);
    expect(policy).toContain(`connect-src 'self' ${tileServer};`);
    expect(policy.split(";").filter((one) => one.includes(tileServer)).length).toBe(2);
    await page.getByText(`Pictures of the map come from ${tileServer.slice(7)}, which sees your address.`).waitFor();
    expect(complaints).toEqual([]);
    await leave();
  });

  it("areas and lines lie on the map with what was released there; of a camera without a survey the card says so", async () => {
    const { page, complaints, leave } = await visit(stage, "/?at=pets");
    const marks = page.locator(".ground-mark");
    await marks.first().waitFor();
    expect(await marks.count()).toBe(3);
    const said = await marks.allTextContents();
    expect(said.filter((text) => /^[\d.]+ ± [\d.]+ at a time\d\d:\d\d$/.test(text)).length).toBe(1);
    expect(said.filter((text) => /^−?\d+ ± \d+−?\d+ ± \d+/.test(text)).length).toBe(2);
    expect(await page.locator(".ground-line").first().locator("svg").count()).toBe(2);
    const card = page.getByRole("region", { name: "Market square" });
    await card.getByText("The map shows where areas and lines lie on the ground, to about 3 m.").waitFor();
    await page.getByRole("button", { name: /North gate/ }).click();
    await page.getByRole("region", { name: "North gate" }).getByText("Nobody has surveyed where").waitFor();
    await page.getByRole("searchbox").fill("mill");
    await page.getByRole("button", { name: /North gate/ }).waitFor({ state: "detached" });
    await page.getByRole("button", { name: /Mill Street/ }).waitFor();
    expect(await page.locator(".rows li").count()).toBe(1);
    await page.getByRole("searchbox").fill("nowhere at all");
    await page.getByText("Nothing is measured at a place of this name.").waitFor();
    expect(complaints).toEqual([]);
    await leave();
  });

  it("a mandate shows what changed against the one before, field by field", async () => {
    const { page, leave } = await visit(stage, await mandate("The square at night"));
    const changes = page.getByRole("region", { name: "What changed" });
    const row = (field: string) => changes.locator("tr", { has: page.locator("code", { hasText: field }) });
    expect(await row("mandate.title").locator("del").textContent()).toBe(DECISION);
    expect(await row("mandate.title").locator("ins").textContent()).toBe("The square at night");
    expect(await row("schedule.notice_seconds").locator("ins").textContent()).toBe("604800");
    await page.getByRole("link", { name: DECISION }).click();
    await page.getByRole("heading", { level: 1, name: DECISION }).waitFor();
    expect(await page.getByRole("heading", { name: "What changed" }).count()).toBe(0);
    const [text] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Save the text" }).click(),
    ]);
    expect(JSON.parse(readFileSync(await text.path(), "utf-8"))).toMatchObject({ mandate: { title: DECISION } });
    await leave();
  });

  it("a suspended mandate says when, by whose key and why; so does the history", async () => {
    const { page, leave } = await visit(stage, await mandate("The square at noon"));
    const stop = page.locator(".notice-bad");
    await stop.getByText(/^Suspended by data-protection-officer: \d+ \w+ \d{4}, \d\d:\d\d$/).waitFor();
    await stop.getByText("The area was drawn too wide.").waitFor();
    expect(await stop.locator("code").textContent()).toMatch(/^data-protection-officer\+[0-9a-f]{8}\+/);
    await page.goto(`${stage.url}/mandates`);
    const line = page.locator(".event-suspended");
    await line.getByText("by data-protection-officer").waitFor();
    expect(await line.locator("time").getAttribute("datetime")).toMatch(/^\d{4}-\d\d-\d\dT/);
    expect(await page.locator(".bar-suspended .bar-cut").count()).toBe(1);
    await leave();
  });

  it("the sign prints on one page of A4 with its text as text, and saves as SVG", async () => {
    const { page, leave } = await visit(stage, "/sign/pets");
    await page.locator("svg.sign").waitFor();
    const printed = readPdf(await page.pdf({ preferCSSPageSize: true }));
    expect(printed.pages).toBe(1);
    expect(printed.size.map(Math.round)).toEqual([210, 297]);
    for (const words of ["People are counted here.", "Nobody is recognised.", "By whose decision", "/sign/pets"])
      expect(printed.text).toContain(words);
    expect(printed.text).not.toContain("Print or save");
    const [svg] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Save as SVG" }).click()]);
    expect(svg.suggestedFilename()).toBe("pets-sign.svg");
    const saved = readFileSync(await svg.path(), "utf-8");
    expect(saved).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg"/);
    const drawn = await page.evaluate((text) => {
      const found = new DOMParser().parseFromString(text, "image/svg+xml");
      return [found.querySelector("parsererror") === null, found.documentElement.textContent] as const;
    }, saved);
    expect(drawn[0]).toBe(true);
    expect(drawn[1]).toContain("Nobody is recognised.");
    await leave();
  });

  it("a mandate prints on pages with a margin", async () => {
    const { page, leave } = await visit(stage, await mandate(DECISION));
    const printed = readPdf(await page.pdf({ preferCSSPageSize: true }));
    expect(printed.pages).toBeGreaterThan(1);
    expect(printed.text).toContain("identification of anybody");
    await leave();
  });

  it("an address that leads nowhere says so, and the menu leads on", async () => {
    for (const path of ["/nowhere", "/place/nobody", `/mandates/${"0".repeat(64)}`]) {
      const { page, leave } = await visit(stage, path);
      await page.getByRole("heading", { level: 1, name: "There is no such page" }).waitFor();
      await page.getByRole("link", { name: "Numbers" }).click();
      await page.getByRole("heading", { level: 1, name: "Numbers" }).waitFor();
      await leave();
    }
  });

  it("every door of the open data opens, and the licence is named there and beside the downloads", async () => {
    const { page, leave } = await visit(stage, "/open-data");
    const licence = page.getByRole("main").getByRole("link", { name: "CC-BY-4.0" });
    expect(await licence.getAttribute("href")).toMatch(/^https:\/\/creativecommons\.org\//);
    const doors = await page.locator(".doors a").evaluateAll((links) => links.map((one) => (one as HTMLAnchorElement).href));
    expect(doors.length).toBe(7);
    for (const door of doors) expect((await fetch(door)).status, door).toBe(200);
    await page.goto(`${stage.url}/numbers`);
    await page.locator(".take").getByRole("link", { name: "CC-BY-4.0" }).waitFor();
    await leave();
  });

  it("receipts of all places at once hold, in the browser and by the command", async () => {
    const { page, leave } = await visit(stage, "/numbers?sensor=all&step=86400&from=2026-01-31T22:00:00Z");
    await page.locator(".say").getByText("All 2 counters together").waitFor();
    const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Receipt" }).click()]);
    await page.getByText("118 numbers proven and saved.").waitFor();
    expect(verifyByCommand(stage, await file.path())).toContain("All 118 receipts hold.");
    await page.goto(`${stage.url}/check`);
    await page.locator("#receipt").setInputFiles(await file.path());
    await page.getByText("118 numbers hold.").waitFor();
    await leave();
  });
});
