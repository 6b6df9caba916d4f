/** What happened to the city's uses, and when: added, widened, narrowed, ended. */
import type { Json, Mandate } from "../api.ts";

export type EventKind = "proposed" | "added" | "widened" | "narrowed" | "renewed" | "expired" | "suspended" | "revoked";
export interface MandateEvent {
  readonly at: string;
  readonly kind: EventKind;
  readonly mandate: Mandate;
  /** How many numbers were added (widened) or taken away (narrowed). */
  readonly detail: number;
}

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

/** All events up to `now`, the newest first. What was stopped early is told at the time at which it is known to be. */
export function eventsOf(known: readonly Mandate[], now = new Date()): MandateEvent[] {
  const events: MandateEvent[] = [];
  const text = now.toISOString();
  for (const mandate of known) {
    if (mandate.public_since) events.push({ at: mandate.public_since, kind: "proposed", mandate, detail: 0 });
    const force = mandate.in_force_from;
    const started = force !== null && force <= text && !["logged", "notice", "approved"].includes(mandate.state);
    if (started) events.push({ at: force, mandate, ...began(mandate, known) });
    if (mandate.state === "expired") events.push({ at: mandate.expires, kind: "expired", mandate, detail: 0 });
    if (mandate.state === "suspended" || mandate.state === "revoked")
      events.push({ at: force ?? mandate.starts, kind: mandate.state, mandate, detail: 0 });
  }
  const order = ["proposed", "added", "widened", "narrowed", "renewed", "suspended", "revoked", "expired"];
  return events.sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : order.indexOf(b.kind) - order.indexOf(a.kind)));
}
