/** The city's log as this browser reads and remembers it. */
import { city, request, ServerError } from "../api.ts";
import { recall, remember } from "../remember.ts";
import { errors, formatBase64, parseBase64, parsePolicy, utf8, type FetchBytes, type Policy } from "../tlog/index.ts";

/** What the last visit saw. `note`: the checkpoint that it verified; `policy`: whom it believed. */
export interface Seen {
  readonly origin: string;
  readonly policy: string;
  readonly note: Uint8Array;
  readonly size: number;
  readonly at: string;
}
export interface Trusted {
  readonly origin: string;
  readonly policy: Policy;
  readonly text: string;
  readonly seen: Seen | null;
  /** The log of a demonstration began anew; such names are no one's. */
  readonly beganAnew: boolean;
}

/** The site now asks to believe other keys than on the last visit. */
export class OtherKeysError extends errors.VerificationError {}

const NAME = "log";
const DEMONSTRATION = /\.example$/;

export const fetchBytes: FetchBytes = async (path) => {
  try {
    const fresh: RequestInit = path === "checkpoint" ? { cache: "no-store" } : {};
    return new Uint8Array(await (await request(`/log/${path}`, fresh)).arrayBuffer());
  } catch (error) {
    if (error instanceof ServerError && error.status === 404) throw new errors.ResourceMissingError(`${path} is missing`);
    throw error;
  }
};

export function seen(): Seen | null {
  try {
    const kept = JSON.parse(recall(NAME) ?? "null") as (Omit<Seen, "note"> & { note: string }) | null;
    return kept && { ...kept, note: parseBase64(kept.note) };
  } catch {
    return null;
  }
}

export function rememberSeen(trusted: Trusted, note: Uint8Array, size: bigint): void {
  const kept = {
    origin: trusted.origin,
    policy: trusted.text,
    note: formatBase64(note),
    size: Number(size),
    at: new Date().toISOString(),
  };
  remember(NAME, JSON.stringify(kept));
}

export const forget = (): void => remember(NAME, null);

const AGAIN_MS = 600;

/** A log that grows meanwhile may take away what its last checkpoint needed; only what stays missing is withheld. */
export async function patiently<T>(act: () => Promise<T>, tries = 4): Promise<T> {
  for (let n = 1; ; n++)
    try {
      return await act();
    } catch (error) {
      if (!(error instanceof errors.ResourceMissingError) || n === tries) throw error;
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS * n));
    }
}

/** Whom to believe: the city's policy, if it is the one of the last visit. Throws OtherKeysError. */
export async function trust(): Promise<Trusted> {
  const { log } = await city();
  const last = seen();
  const trusted = { origin: log.origin, policy: parsePolicy(utf8(log.policy)), text: log.policy };
  if (!last || (last.origin === log.origin && last.policy === log.policy)) return { ...trusted, seen: last, beganAnew: false };
  if (DEMONSTRATION.test(log.origin) && last.origin === log.origin) return { ...trusted, seen: null, beganAnew: true };
  throw new OtherKeysError(`believed ${last.origin} until now; asked to believe ${log.origin} by other keys`);
}
