/**
 * Receipts: text that proves released numbers years later without a network, see `spec/ledger.md`.
 * A file holds one receipt after another; each is a tlog-proof whose extra data names the leaf and the line.
 */
import { all, type Release } from "../api.ts";
import {
  formatBase64,
  formatProofFile,
  leafHash,
  parseProofFile,
  utf8,
  verifyInclusion,
  verifyLog,
  type Checkpoint,
  type Policy,
} from "../tlog/index.ts";
import { parseHash } from "../tlog/canonical.ts";
import { ProofBodyError } from "../tlog/errors.ts";
import { proveInclusion } from "../tlog/proof.ts";
import { hashesRoot } from "../tlog/tree.ts";
import { fetchBytes, trust } from "./log.ts";
import { batchLines, checkLines } from "./numbers.ts";

/** Numbers of one file: some 20 MB of text. */
export const MOST = 10_000;
const HEADER = "c2sp.org/tlog-proof@v1\n";
const decoder = new TextDecoder("utf-8", { fatal: true });

export interface Proven {
  readonly line: string | null;
  readonly leaf: Readonly<Record<string, unknown>>;
  readonly size: bigint;
  readonly checkpoint: Uint8Array;
}

/** Receipts of these releases, made and checked here. Throws where the log does not prove one. */
export async function makeReceipts(releases: readonly Release[], told: (done: number) => void = () => {}): Promise<string> {
  const trusted = await trust();
  const { checkpoint, tree } = await verifyLog(fetchBytes, trusted.policy, undefined, { seen: trusted.seen?.note });
  const byBatch = new Map<string, Release[]>();
  for (const one of releases) byBatch.set(one.batch, [...(byBatch.get(one.batch) ?? []), one]);
  const receipts: string[] = [];
  for (const [root, members] of byBatch) {
    const manifest = members[0]!.manifest;
    const lines = await batchLines(root);
    let leaf = "";
    for await (const entry of tree.entries(manifest, manifest + 1)) leaf = decoder.decode(entry);
    const { root: logged, count } = JSON.parse(leaf) as { root: string; count: number };
    checkLines(lines, { leaf: manifest, root: logged, count });
    const hashes = lines.map((line) => leafHash(utf8(line)));
    const made = new Map<string, Uint8Array>();
    const nodes = (level: number, index: bigint) => {
      const [key, size] = [`${level}/${index}`, 2 ** level];
      const node = made.get(key) ?? hashesRoot(hashes.slice(Number(index) * size, (Number(index) + 1) * size));
      made.set(key, node);
      return Promise.resolve(node);
    };
    const proof = await tree.inclusion(manifest);
    for (const one of members) {
      const path = await proveInclusion(nodes, one.index, hashes.length);
      const extra = JSON.stringify({ index: one.index, leaf, line: lines[one.index], proof: path.map(formatBase64) });
      receipts.push(
        decoder.decode(formatProofFile({ index: BigInt(manifest), proof, checkpoint: checkpoint.note, extra: utf8(extra) })),
      );
    }
    told(receipts.length);
  }
  return receipts.join("");
}

/** Every release that the query names, one more than a file holds at most. */
export function releasesOf(query: Readonly<Record<string, string | number>>): Promise<Release[]> {
  return all<Release>("/api/v1/releases", MOST + 1, query);
}

/** Check every receipt of a file against the policy alone. Throws at the first that proves nothing. */
export async function checkReceipts(text: string, policy: Policy): Promise<Proven[]> {
  const parts = text.split(HEADER);
  if (parts.shift() !== "" || !parts.length) throw new ProofBodyError("file holds no receipt");
  const proven: Proven[] = [];
  const checked = new Map<string, Checkpoint>();
  for (const part of parts) {
    const file = parseProofFile(utf8(HEADER + part));
    const extra = JSON.parse(decoder.decode(file.extra ?? utf8("null"))) as {
      leaf?: string;
      line?: string;
      index?: number;
      proof?: string[];
    } | null;
    if (typeof extra?.leaf !== "string") throw new ProofBodyError("file proves something, but is no receipt");
    const note = decoder.decode(file.checkpoint);
    const checkpoint = checked.get(note) ?? (await policy.verify(file.checkpoint));
    checked.set(note, checkpoint);
    verifyInclusion(leafHash(utf8(extra.leaf)), file.index, checkpoint.size, file.proof, checkpoint.root);
    const leaf = JSON.parse(extra.leaf) as Record<string, unknown>;
    if (extra.line !== undefined) {
      const root = Uint8Array.from(String(leaf["root"]).match(/../g) ?? [], (pair) => parseInt(pair, 16));
      verifyInclusion(
        leafHash(utf8(extra.line)),
        extra.index ?? -1,
        Number(leaf["count"]),
        (extra.proof ?? []).map(parseHash),
        root,
      );
    }
    proven.push({ line: extra.line ?? null, leaf, size: checkpoint.size, checkpoint: file.checkpoint });
  }
  return proven;
}
