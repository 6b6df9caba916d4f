/** What happened to the city's uses, and when: added, widened, narrowed, ended. */
import type { End, Json, Mandate } from "../api.ts";

export type EventKind = "proposed" | "added" | "widened" | "narrowed" | "renewed" | "expired" | "suspended" | "revoked";
export interface MandateEvent {
  readonly at: string;
  readonly kind: EventKind;
  readonly mandate: Mandate;
  /** How many numbers were added (widened) or taken away (narrowed). */
  readonly detail: number;
  /** Roles whose keys stopped it. */
  readonly by: readonly string[];
}

const STOPPED = { suspension: "suspended", revocation: "revoked" } as const;

/** When a mandate was stopped before its time, null where it was not; `now` while the witnesses' time is not logged yet. */
export function stoppedAt(mandate: Mandate, now: string): string | null {
  const times = mandate.ends.map((one: End) => one.public_since ?? now);
  return times.length ? times.reduce((a, b) => (b < a ? b : a)) : null;
}

const WAITING: readonly string[] = ["logged", "notice", "approved"];

/** Every number that a mandate names, as `sensor/family/subject/category`. */
export function cellsOf(mandate: Mandate): Set<string> {
  const measures = mandate.document["measure"];
  const cells = new Set<string>();
  for (const one of Array.isArray(measures) ? (measures as readonly Json[]) : []) {
    const { sensor, family, subject, categories } = one as Record<string, Json>;
    for (const category of Array.isArray(categories) ? (categories as readonly Json[]) : [])
      cells.add([sensor, family, subject, category].map(String).join("/"));
  }
  return cells;
}

/** The mandate that this one says it replaces. */
export function beforeOf(mandate: Mandate, known: readonly Mandate[]): Mandate | undefined {
  const head = mandate.document["mandate"] as Record<string, Json> | undefined;
  const hash = head?.["supersedes"];
  const named = known.find((one) => one.hash === hash);
  return named ?? known.filter((one) => one.id === mandate.id && one.log_index < mandate.log_index).at(-1);
}

function began(mandate: Mandate, known: readonly Mandate[]): Pick<MandateEvent, "kind" | "detail"> {
  const before = beforeOf(mandate, known);
  const [now, then] = [cellsOf(mandate), before ? cellsOf(before) : new Set<string>()];
  const added = [...now].filter((cell) => !then.has(cell)).length;
  const gone = [...then].filter((cell) => !now.has(cell)).length;
  if (!before) return { kind: "added", detail: now.size };
  if (added) return { kind: "widened", detail: added };
  return gone ? { kind: "narrowed", detail: gone } : { kind: "renewed", detail: 0 };
}

/** All events up to `now`, the newest first. */
export function eventsOf(known: readonly Mandate[], now = new Date()): MandateEvent[] {
  const events: MandateEvent[] = [];
  const text = now.toISOString();
  const add = (at: string, mandate: Mandate, more: Partial<MandateEvent> & Pick<MandateEvent, "kind">) =>
    events.push({ at, mandate, detail: 0, by: [], ...more });
  for (const mandate of known) {
    if (mandate.public_since) add(mandate.public_since, mandate, { kind: "proposed" });
    const [force, stopped] = [mandate.in_force_from, stoppedAt(mandate, text)];
    const hasBegun = force !== null && force <= (stopped ?? text) && !WAITING.includes(mandate.state);
    if (hasBegun) add(force, mandate, began(mandate, known));
    if (mandate.state === "expired") add(mandate.expires, mandate, { kind: "expired" });
    for (const one of mandate.ends) add(one.public_since ?? text, mandate, { kind: STOPPED[one.kind], by: one.signed_by });
  }
  const order = ["proposed", "added", "widened", "narrowed", "renewed", "suspended", "revoked", "expired"];
  return events.sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : order.indexOf(b.kind) - order.indexOf(a.kind)));
}
