/** Addresses of the site: a path names a page, the query what it shows. */
export interface View {
  readonly title: string;
  readonly body: Node;
  /** Called when another page takes over. */
  readonly leave?: () => void;
}
export interface Route {
  readonly path: RegExp;
  readonly page: (match: readonly string[], query: URLSearchParams) => Promise<View>;
}

const NAVIGATED = "passerby:navigated";

export function go(path: string): void {
  history.pushState(null, "", path);
  window.dispatchEvent(new Event(NAVIGATED));
}

/** Keep the address in step with what is shown, without a new page. */
export function note(query: Readonly<Record<string, string | null>>): void {
  const kept = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(query)) {
    if (value === null || value === "") kept.delete(name);
    else kept.set(name, value);
  }
  const text = kept.toString();
  history.replaceState(null, "", text ? `${location.pathname}?${text}` : location.pathname);
}

function isOurs(link: HTMLAnchorElement, event: MouseEvent): boolean {
  const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
  return plain && link.origin === location.origin && link.dataset["page"] !== undefined && !link.target;
}

/** Call `show` for the address now and for each one to come. */
export function start(show: (fresh: boolean) => void): void {
  document.addEventListener("click", (event) => {
    const link = (event.target as Element).closest("a");
    if (!link || !isOurs(link, event)) return;
    event.preventDefault();
    go(link.href);
  });
  window.addEventListener("popstate", () => show(false));
  window.addEventListener(NAVIGATED, () => show(false));
  show(true);
}

export function match(routes: readonly Route[], path: string): { route: Route; parts: readonly string[] } | null {
  for (const route of routes) {
    const found = route.path.exec(path);
    if (found) return { route, parts: found.slice(1).map(decodeURIComponent) };
  }
  return null;
}
