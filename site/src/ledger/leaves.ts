/** What the leaves of the log say, read by this browser. */
import { sha256 } from "@noble/hashes/sha2";
import { KeyType, openNote, parseSignature, parseVerifierKey, type VerifierKey } from "../tlog/note.ts";
import { TlogError, toHex, utf8 } from "../tlog/index.ts";

export interface Manifest {
  readonly leaf: number;
  readonly root: string;
  readonly count: number;
}
export interface LoggedMandate {
  readonly hash: string;
  readonly title: string;
  readonly leaf: number;
  readonly approvals: (readonly string[])[];
}
export interface Roles {
  readonly keys: readonly VerifierKey[];
  readonly threshold: number;
}

const HEAD = '{"document":';
const TAIL = ',"type":"mandate"}';
const decoder = new TextDecoder();
type Values = Readonly<Record<string, unknown>>;

/** Collects leaf by leaf; a leaf that says nothing known is counted and left alone. */
export class Leaves {
  readonly types = new Map<string, number>();
  readonly manifests: Manifest[] = [];
  readonly mandates = new Map<string, LoggedMandate>();
  roles: Roles | null = null;

  take(entry: Uint8Array, index: number): void {
    const text = decoder.decode(entry);
    const values = read(text);
    const type = typeof values["type"] === "string" ? values["type"] : "unknown";
    this.types.set(type, (this.types.get(type) ?? 0) + 1);
    if (type === "manifest") this.manifests.push({ leaf: index, root: String(values["root"]), count: Number(values["count"]) });
    if (type === "mandate") this.#mandate(text, values, index);
    if (type === "approval") this.mandates.get(String(values["mandate"]))?.approvals.push(strings(values["signatures"]));
    if (type === "roles") this.roles ??= rolesOf(values);
  }

  get released(): number {
    return this.manifests.reduce((sum, one) => sum + one.count, 0);
  }

  #mandate(text: string, values: Values, leaf: number): void {
    if (!text.startsWith(HEAD) || !text.endsWith(TAIL)) return;
    const hash = toHex(sha256(utf8(text.slice(HEAD.length, -TAIL.length))));
    const title = (values["document"] as { mandate?: { title?: unknown } }).mandate?.title;
    if (!this.mandates.has(hash))
      this.mandates.set(hash, { hash, title: typeof title === "string" ? title : "", leaf, approvals: [] });
  }
}

/** Roles whose signature on the mandate holds, sorted. */
export async function approvedBy(mandate: LoggedMandate, roles: Roles): Promise<string[]> {
  const text = `passerby-mandate/v1\napprove\n${mandate.hash}\n`;
  const names = new Set<string>();
  for (const lines of mandate.approvals) {
    try {
      const signatures = lines.map(parseSignature);
      for (const one of await openNote({ text, signatures }, roles.keys)) names.add(one.key.name);
    } catch (error) {
      if (!(error instanceof TlogError)) throw error;
    }
  }
  return [...names].sort();
}

function rolesOf(values: Values): Roles | null {
  const named = values["roles"];
  if (!named || typeof named !== "object") return null;
  const keys = Object.values(named).map((text) => parseVerifierKey(String(text)));
  return { keys: keys.filter((key) => key.type === KeyType.Ed25519), threshold: Number(values["threshold"]) };
}

function read(text: string): Values {
  try {
    const values: unknown = JSON.parse(text);
    return values && typeof values === "object" ? (values as Values) : {};
  } catch {
    return {};
  }
}

const strings = (value: unknown): string[] => (Array.isArray(value) ? value.filter((one) => typeof one === "string") : []);
