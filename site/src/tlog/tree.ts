/** The Merkle tree of RFC 6962, section 2.1: leaf H(00‖d), node H(01‖l‖r), empty root H(""). */
import { sha256 } from "@noble/hashes/sha2";
import { concat, utf8 } from "./canonical.ts";

export const EMPTY_ROOT: Uint8Array = sha256(new Uint8Array());
const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

export const hash = (data: Uint8Array): Uint8Array => sha256(data);
export const leafHash = (data: Uint8Array): Uint8Array => sha256(concat(LEAF, data));
export const nodeHash = (left: Uint8Array, right: Uint8Array): Uint8Array => sha256(concat(NODE, left, right));

/** Roots of the complete subtrees over leaf hashes, largest first. */
export function subtreeRoots(hashes: readonly Uint8Array[]): Uint8Array[] {
  const roots: Uint8Array[] = [];
  hashes.forEach((leaf, index) => {
    let running = leaf;
    for (let n = index; n & 1; n >>= 1) running = nodeHash(roots.pop()!, running);
    roots.push(running);
  });
  return roots;
}

/** Root over the roots of complete subtrees, largest first. */
export function foldRoots(roots: readonly Uint8Array[]): Uint8Array {
  return roots.length ? roots.reduceRight((right, left) => nodeHash(left, right)) : EMPTY_ROOT;
}

/** Root hash over leaf *hashes* in order. */
export const hashesRoot = (hashes: readonly Uint8Array[]): Uint8Array => foldRoots(subtreeRoots(hashes));

/** Root hash over entries in order, such as the lines of a batch without their newlines. */
export const treeRoot = (lines: readonly (string | Uint8Array)[]): Uint8Array =>
  hashesRoot(lines.map((line) => leafHash(typeof line === "string" ? utf8(line) : line)));
