import "./styles/index.ts";
import { city, listed, ServerError } from "./api.ts";
import { preferred, speak, t } from "./i18n/index.ts";
import { failure } from "./parts.ts";
import { mapPage } from "./pages/map.ts";
import { h, replace } from "./dom.ts";
import { match, start, type Route, type View } from "./router.ts";
import { makeShell } from "./shell.ts";
import { apply } from "./theme.ts";

const ROUTES: readonly Route[] = [
  { path: /^\/$/, page: (_, query) => mapPage(query) },
  { path: /^\/place\/([a-z0-9-]+)$/, page: async ([id]) => (await import("./pages/place.ts")).placePage(id!) },
  { path: /^\/sign\/([a-z0-9-]+)$/, page: async ([id]) => (await import("./pages/sign.ts")).signPage(id!) },
  { path: /^\/numbers$/, page: async (_, query) => (await import("./pages/numbers.ts")).numbersPage(query) },
  { path: /^\/mandates$/, page: async () => (await import("./pages/mandates.ts")).mandatesPage() },
  { path: /^\/mandates\/([0-9a-f]{64})$/, page: async ([hash]) => (await import("./pages/mandate.ts")).mandatePage(hash!) },
  { path: /^\/check$/, page: async () => (await import("./pages/check.ts")).checkPage() },
  { path: /^\/object$/, page: async (_, query) => (await import("./pages/object.ts")).objectPage(query) },
  { path: /^\/open-data$/, page: async () => (await import("./pages/openData.ts")).openDataPage() },
];

let shown: View | undefined;
let turn = 0;

function missing(): View {
  const body = h("section", { class: "page" }, h("h1", {}, t("missing.title")), h("p", {}, t("missing.text")));
  return { title: t("missing.title"), body };
}

async function view(): Promise<View> {
  const found = match(ROUTES, location.pathname);
  if (!found) return missing();
  try {
    return await found.route.page(found.parts, new URLSearchParams(location.search));
  } catch (error) {
    if (error instanceof ServerError && error.status === 404) return missing();
    const known = error instanceof ServerError ? error : new ServerError(0, String(error));
    return {
      title: t("failure.title"),
      body: h(
        "section",
        { class: "page" },
        failure(known, () => void show(false)),
      ),
    };
  }
}

async function show(fresh: boolean): Promise<void> {
  const mine = ++turn;
  shell.here(location.pathname);
  if (!shown) shell.main.setAttribute("aria-busy", "true");
  const next = await view();
  if (mine !== turn) return next.leave?.();
  shown?.leave?.();
  shown = next;
  document.title = `${next.title} · Passerby`;
  replace(shell.main, next.body);
  shell.main.removeAttribute("aria-busy");
  if (fresh) return;
  window.scrollTo(0, 0);
  shell.main.focus({ preventScroll: true });
}

/** What every page, or the first, will ask for anyway: asked while the words of the language come. */
for (const ask of location.pathname === "/" ? [city, listed] : [city]) ask().catch(() => undefined);
apply();
const shell = makeShell(() => {
  shell.draw();
  void show(true);
});
await speak(preferred()).catch(() => speak("en"));
shell.draw();
start((fresh) => void show(fresh));

/** The log is looked at once the page stands, so that the first view does not wait for it. */
const watch = () => void import("./ledger/watch.ts").then(({ watchLog }) => watchLog());
if ("requestIdleCallback" in window) requestIdleCallback(watch, { timeout: 3000 });
else setTimeout(watch, 1000);
