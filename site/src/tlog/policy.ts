/** Whom to believe about a log: https://c2sp.org/tlog-policy */
import { parseText, sameBytes, toHex } from "./canonical.ts";
import { parseTreeHead, type TreeHead } from "./checkpoint.ts";
import {
  ControlCharacterError,
  EmptyTreeError,
  NoKnownSignatureError,
  PolicyError,
  PolicyKeyError,
  PolicyNameError,
  PolicyQuorumError,
  QuorumError,
  UnknownLogError,
} from "./errors.ts";
import { KeyType, openNote, parseNote, parseVerifierKey, type VerifierKey } from "./note.ts";
import { EMPTY_ROOT } from "./tree.ts";

export interface LogEntry {
  readonly key: VerifierKey;
  readonly url: string | null;
}
export interface WitnessEntry extends LogEntry {
  readonly name: string;
}
export interface Group {
  readonly name: string;
  readonly threshold: number;
  readonly members: readonly string[];
}
export interface Cosigned {
  readonly witness: string;
  readonly time: number;
}
/** A tree head that a policy accepted; `publicSince`: when its quorum was first complete (seconds since 1970). */
export interface Checkpoint extends TreeHead {
  readonly cosigned: readonly Cosigned[];
  readonly publicSince: number | null;
  readonly note: Uint8Array;
}

export class Policy {
  constructor(
    readonly logs: readonly LogEntry[],
    readonly witnesses: readonly WitnessEntry[],
    readonly groups: readonly Group[],
    readonly quorum: string | null,
  ) {}

  complete(cosigners: readonly VerifierKey[]): boolean {
    const publics = new Set(cosigners.map((key) => toHex(key.publicKey)));
    const done = (name: string): boolean => {
      const witness = this.witnesses.find((entry) => entry.name === name);
      if (witness) return publics.has(toHex(witness.key.publicKey));
      const group = this.groups.find((entry) => entry.name === name)!;
      return group.members.filter(done).length >= group.threshold;
    };
    return this.quorum === null || done(this.quorum);
  }

  /** Believe a checkpoint only if the log signed it and the quorum cosigned it. */
  async verify(data: Uint8Array): Promise<Checkpoint> {
    const note = parseNote(data);
    const head = parseTreeHead(note.text);
    const logs = this.logs.map((entry) => entry.key).filter((key) => key.name === head.origin);
    if (!logs.length) throw new UnknownLogError(`the log ${head.origin.slice(0, 80)} is not known`);
    const known = this.witnesses.map((entry) => entry.key).filter((key) => key.type !== KeyType.MlDsa44);
    const verified = await openNote(note, [...logs, ...known]);
    if (!verified.some((one) => logs.includes(one.key))) throw new NoKnownSignatureError(`${head.origin} did not sign this`);
    if (head.size === 0n && !sameBytes(head.root, EMPTY_ROOT)) throw new EmptyTreeError("an empty tree has another root");
    const found = verified
      .filter((one): one is { key: VerifierKey; time: bigint } => one.time !== null)
      .sort((a, b) => Number(a.time - b.time) || (a.key.name < b.key.name ? -1 : 1));
    const keys = found.map((one) => one.key);
    if (!this.complete(keys)) throw new QuorumError(`too few witnesses cosigned ${head.origin} at size ${head.size}`);
    const at = found.findIndex((_, n) => this.complete(keys.slice(0, n + 1)));
    return {
      ...head,
      cosigned: found.map((one) => ({ witness: one.key.name, time: Number(one.time) })),
      publicSince: this.quorum === null ? null : Number(found[at]!.time),
      note: data,
    };
  }
}

function checkKeys(entries: readonly LogEntry[], types: readonly KeyType[]): void {
  if (new Set(entries.map((entry) => toHex(entry.key.publicKey))).size !== entries.length)
    throw new PolicyKeyError("a key is listed twice");
  if (entries.some((entry) => !types.includes(entry.key.type))) throw new PolicyKeyError("a key is of the wrong type");
}

function threshold(text: string, members: number): number {
  if (text === "all") return members;
  if (text === "any") return 1;
  if (!/^[1-9][0-9]{0,3}$/.test(text)) throw new PolicyError("group has no threshold");
  return Number(text);
}

export function parsePolicy(data: Uint8Array): Policy {
  const text = parseText(data.map((byte) => (byte === 9 ? 32 : byte)));
  if (text.includes("\x7f")) throw new ControlCharacterError("policy has the control character 127");
  if (text && !text.endsWith("\n")) throw new PolicyError("last line has no end");
  const logs: LogEntry[] = [];
  const witnesses: WitnessEntry[] = [];
  const groups: Group[] = [];
  const quorums: string[] = [];
  const known = new Set<string>();
  const used = new Set<string>();
  const define = (name: string): void => {
    if (known.has(name) || name === "none") throw new PolicyNameError(`name ${name} is taken`);
    known.add(name);
  };
  for (const line of text.split("\n")) {
    const words = line.split(" ").filter(Boolean);
    const [kind = "", first = "", second = "", ...rest] = words;
    if (!kind || kind.startsWith("#")) continue;
    if (kind === "log" && (words.length === 2 || words.length === 3)) {
      logs.push({ key: parseVerifierKey(first), url: words[2] ?? null });
    } else if (kind === "witness" && (words.length === 3 || words.length === 4)) {
      const key = parseVerifierKey(second);
      define(first);
      witnesses.push({ name: first, key, url: words[3] ?? null });
    } else if (kind === "group" && rest.length) {
      const count = threshold(second, rest.length);
      for (const name of rest) {
        if (!known.has(name)) throw new PolicyNameError(`group ${first} has members that are not defined above it`);
        if (used.has(name)) throw new PolicyNameError("a name is a member twice");
        used.add(name);
      }
      if (count > rest.length) throw new PolicyQuorumError(`group ${first} can never be complete`);
      define(first);
      groups.push({ name: first, threshold: count, members: rest });
    } else if (kind === "quorum" && words.length === 2) {
      if (first !== "none" && !known.has(first)) throw new PolicyNameError(`quorum ${first} is not defined above it`);
      quorums.push(first);
    } else {
      throw new PolicyError("policy line is not understood");
    }
  }
  if (quorums.length !== 1) throw new PolicyQuorumError("policy has no single quorum");
  checkKeys(logs, [KeyType.Ed25519]);
  checkKeys(witnesses, [KeyType.Cosignature, KeyType.MlDsa44]);
  return new Policy(logs, witnesses, groups, quorums[0] === "none" ? null : quorums[0]!);
}

/** Read a checkpoint and believe it only if the policy does. */
export const verifyCheckpoint = (data: Uint8Array, policy: Policy): Promise<Checkpoint> => policy.verify(data);
