/** What people come for, in a real browser against a real server. */
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { axe, missing, setStage, verifyByCommand, visit, type Stage } from "./stage.ts";

const PAGES = [
  "/",
  "/?at=mill-street",
  "/?at=pets",
  "/numbers",
  "/numbers?sensor=pets",
  "/place/pets",
  "/place/mill-street",
  "/sign/pets",
  "/mandates",
  "/check",
  "/object",
  "/open-data",
  "/nowhere",
];
const LAST_WEEK = "/numbers?sensor=harbour-gate&from=2026-03-24T22:00:00Z&until=2026-03-31T21:00:00Z&step=86400";

describe.skipIf(missing)(missing ?? "the site in Chromium", () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await setStage();
  }, 120_000);
  afterAll(() => stage.close());

  it("first visit: find my square, read its mandate, download last week, verify, object", async () => {
    const { page, complaints, outside, leave } = await visit(stage, "/");
    await page.getByRole("searchbox", { name: "Find your square" }).fill("harbour");
    await page.getByRole("button", { name: /Harbour Gate/ }).click();
    const card = page.getByRole("region", { name: "Harbour Gate" });
    await card.getByText("± ").first().waitFor();
    await card.getByRole("link", { name: "Mandate" }).click();
    await page.getByRole("heading", { level: 1, name: "How many people walk in the centre of Auckland" }).waitFor();
    await page.getByText("council and mobility-office").waitFor();
    await page.getByText("identification of anybody", { exact: true }).waitFor();

    await page.goto(stage.url + LAST_WEEK);
    await page.getByText(/25.{1,3}31 Mar 2026, Harbour Gate: .* passages, give or take/).waitFor();
    const [csv] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "CSV" }).click()]);
    const lines = readFileSync(await csv.path(), "utf-8")
      .trim()
      .split("\n");
    expect(lines.length).toBe(8);
    expect(lines[1]).toMatch(/^harbour-gate,counter_passages,harbour-gate,person,2026-03-24T22:00:00Z/);
    const [receipt] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Receipt" }).click()]);
    await page.getByText("7 numbers proven and saved.").waitFor();

    await page.getByRole("link", { name: "Check it yourself" }).click();
    await page.getByRole("button", { name: "Verify now" }).click();
    await page.getByRole("heading", { name: "It holds" }).waitFor();
    await page.getByText("signed by council and mobility-office (2 of 3)").first().waitFor();
    await page.locator("#receipt").setInputFiles(await receipt.path());
    await page.getByText("7 numbers hold.").waitFor();
    const first = join(mkdtempSync(join(tmpdir(), "passerby-receipt-")), "first.txt");
    writeFileSync(first, readFileSync(await receipt.path(), "utf-8").split(/(?=c2sp\.org\/tlog-proof@v1\n)/)[0]!);
    expect(verifyByCommand(stage, first)).toContain("harbour-gate,counter_passages,harbour-gate,person,2026-03-24T22:00:00Z");

    await page.getByRole("link", { name: "Object or ask" }).click();
    await page.getByLabel("Your words").fill("Why is the harbour counted at night?");
    await page.getByRole("button", { name: "Publish" }).click();
    await page.getByText(/Published as number 1/).waitFor();
    await page.locator("blockquote", { hasText: "Why is the harbour counted at night?" }).waitFor();
    expect(complaints).toEqual([]);
    expect(outside).toEqual([]);
    expect(await page.context().cookies()).toEqual([]);
    await leave();
  });

  it("the same by keyboard alone", async () => {
    const { page, leave } = await visit(stage, "/");
    const focused = () => page.evaluate(() => document.activeElement?.textContent ?? "");
    const tabTo = async (wanted: RegExp) => {
      for (let n = 0; n < 60; n++) {
        await page.keyboard.press("Tab");
        if (wanted.test(await focused())) return;
      }
      throw new Error(`no way by keyboard to ${wanted}`);
    };
    await page.keyboard.press("Tab");
    expect(await focused()).toBe("Skip to the content");
    await page.keyboard.press("Enter");
    await tabTo(/^Mill Street/);
    await page.keyboard.press("Enter");
    await page.getByRole("region", { name: "Mill Street" }).waitFor();
    await page.getByRole("link", { name: "Numbers", exact: true }).last().focus();
    await page.keyboard.press("Enter");
    const chart = page.locator(".chart");
    await chart.waitFor();
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("main");
    await chart.focus();
    await page.keyboard.press("ArrowRight");
    await page.locator(".readout").first().filter({ hasText: "1 March 2025" }).waitFor();
    await page.getByRole("link", { name: "Check it yourself" }).focus();
    await page.keyboard.press("Enter");
    await tabTo(/^Verify now$/);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "It holds" }).waitFor();
    await page.getByRole("link", { name: "Object or ask" }).focus();
    await page.keyboard.press("Enter");
    await page.getByLabel("Your words").waitFor();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    await page.keyboard.type("By keyboard");
    await page.keyboard.press("Tab");
    expect(await focused()).toBe("Publish");
    await page.keyboard.press("Enter");
    await page.locator("blockquote", { hasText: "By keyboard" }).waitFor();
    await leave();
  });

  it("on a phone no page is wider than the screen, and the way is the same", async () => {
    const phone = { viewport: { width: 360, height: 780 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };
    const { page, complaints, leave } = await visit(stage, "/", phone);
    await page.getByRole("button", { name: /Market square/ }).tap();
    await page.getByRole("link", { name: "Live view" }).tap();
    await page.getByText(/people at a time in “junction”/).waitFor();
    for (const path of PAGES) {
      await page.goto(stage.url + path);
      await page.locator("main h1").first().waitFor();
      await page.waitForLoadState("networkidle");
      const [wide, screen] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
      expect(wide, path).toBeLessThanOrEqual(screen);
    }
    expect(complaints.filter((text) => !text.includes("404"))).toEqual([]);
    await leave();
  });

  it("in Russian, with its numbers, dates and plurals", async () => {
    const { page, leave } = await visit(stage, "/", { locale: "ru-RU" });
    await page.getByRole("heading", { name: "Testville: счёт есть. Никого не узнают." }).waitFor();
    expect(await page.evaluate(() => document.documentElement.lang)).toBe("ru");
    await page.getByText("2 камеры · 2 счётчика").waitFor();
    await page.goto(stage.url + LAST_WEEK);
    const said = page.getByText(/25.{1,3}31 мар\. 2026 г\., Harbour Gate: [\d\s]+ проход(а|ов)?, плюс-минус/);
    await said.waitFor();
    await page.getByRole("link", { name: "Мандаты" }).click();
    await page.getByText("осталось 7 дней, чтобы высказаться").waitFor();
    await page.getByLabel("Язык").selectOption("et");
    await page.getByRole("heading", { level: 1, name: "Mandaadid" }).waitFor();
    await leave();
  });

  it("says so when the server is cut off in mid-use, keeps what was shown, and goes on", async () => {
    const { page, leave } = await visit(stage, LAST_WEEK);
    const said = page.getByText(/25.{1,3}31 Mar 2026, Harbour Gate/);
    await said.waitFor();
    await page.context().setOffline(true);
    await page.getByRole("button", { name: "Month" }).click();
    await page.getByRole("alert").getByText("The server does not answer").waitFor();
    await page.getByRole("heading", { level: 1, name: "Numbers" }).waitFor();
    await page.context().setOffline(false);
    await page.getByRole("button", { name: "Try again" }).click();
    await page
      .getByText(/Mar 2026, Harbour Gate: .* passages/)
      .first()
      .waitFor();
    await page.getByRole("link", { name: "Check it yourself" }).click();
    await page.getByRole("button", { name: "Verify now" }).waitFor();
    await page.context().setOffline(true);
    await page.getByRole("button", { name: "Verify now" }).click();
    await page.getByText("Nothing is lost").waitFor();
    expect(await page.locator("#alarm").textContent()).toBe("");
    await leave();
  });

  it("cries out on every page when the log was forged since the last visit", async () => {
    const { page, leave } = await visit(stage, "/check");
    await page.getByRole("button", { name: "Verify now" }).click();
    await page.getByRole("heading", { name: "It holds" }).waitFor();
    await page.route("**/log/**", async (route) => {
      const path = join(stage.fork, new URL(route.request().url()).pathname.slice(5));
      await route.fulfill({ path }).catch(() => route.fulfill({ status: 404 }));
    });
    for (const path of ["/", "/numbers", "/mandates"]) {
      await page.goto(stage.url + path);
      const alarm = page.locator("#alarm");
      await alarm.getByRole("heading", { name: "This city's log does not hold" }).waitFor();
      await alarm.getByText("what your browser saw").waitFor();
      const { height, y } = (await alarm.boundingBox())!;
      expect(height).toBeGreaterThan(200);
      expect(y).toBeLessThan(200);
    }
    const [evidence] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Keep the evidence" }).click(),
    ]);
    const kept = JSON.parse(readFileSync(await evidence.path(), "utf-8"));
    expect(kept.error).toContain("ForkError");
    expect(kept.before.checkpoint).toContain("log.testville.example");
    expect(kept.now).not.toBe(kept.before.checkpoint);
    await page.getByRole("link", { name: "See each step" }).click();
    await page.getByRole("button", { name: "Verify now" }).click();
    await page.locator(".step-failed").waitFor();
    await leave();
  });

  it("notices one changed number, one changed entry, and a missing witness", async () => {
    const cases = [
      ["**/api/v1/batches/*.csv", (body: string) => body.replace(/,(\d+),(\d\.\d{6}),/, ",7$1,$2,"), "NumbersError"],
      ["**/log/tile/entries/**", (body: string) => body.replace('"type":"manifest"', '"type":"manifesT"'), "TileMismatchError"],
      [
        "**/log/checkpoint",
        (body: string) =>
          body
            .split("\n")
            .filter((line) => !line.includes(" witness.testville"))
            .join("\n"),
        "QuorumError",
      ],
    ] as const;
    for (const [where, change, expected] of cases) {
      const { page, leave } = await visit(stage, "/check");
      await page.route(where, async (route) => {
        const answer = await route.fetch();
        const body = change((await answer.body()).toString("latin1"));
        await route.fulfill({ status: 200, body: Buffer.from(body, "latin1"), contentType: "text/plain" });
      });
      await page.getByRole("button", { name: "Verify now" }).click();
      await page.locator("#alarm").getByText(expected).waitFor();
      await page.unrouteAll({ behavior: "ignoreErrors" });
      await leave();
    }
  });

  it.each(["light", "dark"] as const)("axe finds nothing on any page, %s", async (colorScheme) => {
    const { page, leave } = await visit(stage, "/", { bypassCSP: true, colorScheme });
    const mandates = await page.evaluate(async () => {
      const found = (await (await fetch("/api/v1/mandates")).json()) as { items: { hash: string; state: string }[] };
      return found.items.filter((one, n) => n === 0 || one.state === "suspended").map((one) => `/mandates/${one.hash}`);
    });
    expect(mandates.length).toBe(2);
    for (const path of [...PAGES, ...mandates]) {
      await page.goto(stage.url + path);
      await page.locator("main h1").first().waitFor();
      await page.waitForLoadState("networkidle");
      const { violations, passes } = await axe(page);
      expect(violations, path).toEqual([]);
      expect(passes).toBeGreaterThan(10);
    }
    await leave();
  });

  it("asks no other server, sets no cookie, and stays under 300 kB for the first view, in every language", async () => {
    for (const locale of ["en", "et", "kk", "ky", "ru", "uk"]) {
      const context = await stage.browser.newContext({ locale });
      const page = await context.newPage();
      const session = await context.newCDPSession(page);
      await session.send("Network.enable");
      const urls = new Map<string, string>();
      let weight = 0;
      session.on("Network.responseReceived", ({ requestId, response }) => urls.set(requestId, response.url));
      session.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
        const url = urls.get(requestId) ?? "";
        if (url.startsWith(stage.url) && !/\/(api|log)\//.test(url)) weight += encodedDataLength;
      });
      const foreign: string[] = [];
      page.on("request", (request) => {
        if (!request.url().startsWith(stage.url) && !/^(blob|data):/.test(request.url())) foreign.push(request.url());
      });
      const answer = await page.goto(`${stage.url}/`);
      const policy = answer!.headers()["content-security-policy"]!;
      expect(policy).toContain("default-src 'self'");
      expect(policy).not.toMatch(/unsafe|\*|https?:/);
      await page.locator(".maplibregl-canvas").waitFor();
      await page.waitForLoadState("networkidle");
      expect(foreign).toEqual([]);
      expect(await context.cookies()).toEqual([]);
      expect(weight, locale).toBeGreaterThan(100_000);
      expect(weight, locale).toBeLessThan(300_000);
      await context.close();
    }
  });

  it("the policy refuses a foreign picture and a script in the page", async () => {
    const { page, complaints, leave } = await visit(stage, "/open-data");
    const reached = await page.evaluate(async () => {
      const picture = new Image();
      picture.src = "https://testville.example/pixel.png";
      const failed = new Promise((resolve) => (picture.onerror = () => resolve(true)));
      document.body.append(picture);
      const script = document.createElement("script");
      script.textContent = "window.ran = true";
      document.body.append(script);
      await failed;
      return (window as unknown as { ran?: boolean }).ran === true;
    });
    expect(reached).toBe(false);
    expect(complaints.join()).toContain("Content Security Policy");
    await leave();
  });
});
