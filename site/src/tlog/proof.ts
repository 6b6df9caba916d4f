/** Inclusion and consistency proofs: made after RFC 6962 (2.1), verified after RFC 9162 (2.1.3, 2.1.4). */
import { LARGEST, sameBytes } from "./canonical.ts";
import { ConsistencyError, InclusionError, ProofLengthError, ProofRangeError } from "./errors.ts";
import { EMPTY_ROOT, foldRoots, nodeHash } from "./tree.ts";

export type Size = number | bigint;
/** (level, index) → root of the complete subtree over leaves [index·2^level, (index+1)·2^level). */
export type Nodes = (level: number, index: bigint) => Promise<Uint8Array>;

const bitLength = (n: bigint): number => (n === 0n ? 0 : n.toString(2).length);
const split = (size: bigint): bigint => 1n << BigInt(bitLength(size - 1n) - 1);

function checkHashes(hashes: readonly Uint8Array[]): void {
  for (const value of hashes) if (value.length !== 32) throw new ProofLengthError(`hash has ${value.length} bytes instead of 32`);
}

/** Root over leaves [start, end), where start is a multiple of the largest power of two that fits before end. */
export async function rangeRoot(nodes: Nodes, start: bigint, end: bigint): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for (let size = end - start; size > 0n;) {
    const level = bitLength(size) - 1;
    parts.push(await nodes(level, start >> BigInt(level)));
    start += 1n << BigInt(level);
    size -= 1n << BigInt(level);
  }
  return parts.length ? foldRoots(parts) : EMPTY_ROOT;
}

export async function proveInclusion(nodes: Nodes, at: Size, of: Size): Promise<Uint8Array[]> {
  const [index, size] = [BigInt(at), BigInt(of)];
  if (!(0n <= index && index < size && size <= LARGEST)) throw new ProofRangeError(`no leaf ${index} in a tree of ${size}`);
  const hashes: Uint8Array[] = [];
  let [start, end] = [0n, size];
  while (end - start > 1n) {
    const middle = start + split(end - start);
    if (index < middle) {
      hashes.push(await rangeRoot(nodes, middle, end));
      end = middle;
    } else {
      hashes.push(await rangeRoot(nodes, start, middle));
      start = middle;
    }
  }
  return hashes.reverse();
}

export async function proveConsistency(nodes: Nodes, from: Size, to: Size): Promise<Uint8Array[]> {
  const [old, size] = [BigInt(from), BigInt(to)];
  if (!(0n <= old && old <= size && size <= LARGEST)) throw new ProofRangeError(`no tree of ${old} in a tree of ${size}`);
  if (old === 0n || old === size) return [];
  const hashes: Uint8Array[] = [];
  let [start, end, whole] = [0n, size, true];
  while (old !== end) {
    const middle = start + split(end - start);
    if (old <= middle) {
      hashes.push(await rangeRoot(nodes, middle, end));
      end = middle;
    } else {
      hashes.push(await rangeRoot(nodes, start, middle));
      start = middle;
      whole = false;
    }
  }
  if (!whole) hashes.push(await rangeRoot(nodes, start, end));
  return hashes.reverse();
}

/** Throws unless the leaf hash stands at `at` of the tree of size `of`. */
export function verifyInclusion(leaf: Uint8Array, at: Size, of: Size, proof: readonly Uint8Array[], root: Uint8Array): void {
  const [index, size] = [BigInt(at), BigInt(of)];
  if (!(0n <= index && index < size && size <= LARGEST)) throw new ProofRangeError(`no leaf ${index} in a tree of ${size}`);
  checkHashes([leaf, root, ...proof]);
  let [position, last, running] = [index, size - 1n, leaf];
  for (const sibling of proof) {
    if (last === 0n) throw new ProofLengthError("inclusion proof is too long");
    if (position & 1n || position === last) {
      running = nodeHash(sibling, running);
      while (!(position & 1n) && position) {
        position >>= 1n;
        last >>= 1n;
      }
    } else {
      running = nodeHash(running, sibling);
    }
    position >>= 1n;
    last >>= 1n;
  }
  if (last) throw new ProofLengthError("inclusion proof is too short");
  if (!sameBytes(running, root)) throw new InclusionError("leaf is not in the tree");
}

/** Throws unless the old tree is the beginning of the new one. */
export function verifyConsistency(
  from: Size,
  to: Size,
  proof: readonly Uint8Array[],
  oldRoot: Uint8Array,
  newRoot: Uint8Array,
): void {
  const [old, size] = [BigInt(from), BigInt(to)];
  if (!(0n <= old && old <= size && size <= LARGEST)) throw new ProofRangeError(`no tree of ${old} in a tree of ${size}`);
  checkHashes([oldRoot, newRoot, ...proof]);
  if (old === 0n && !sameBytes(oldRoot, EMPTY_ROOT)) throw new ConsistencyError("the empty tree has another root");
  if (old === 0n || old === size) {
    if (proof.length) throw new ProofLengthError("consistency proof is too long");
    if (old === size && !sameBytes(oldRoot, newRoot)) throw new ConsistencyError("two trees of one size differ");
    return;
  }
  const path = old & (old - 1n) ? [...proof] : [oldRoot, ...proof];
  const first = path.shift();
  if (!first) throw new ProofLengthError("consistency proof is too short");
  let [position, last] = [old - 1n, size - 1n];
  while (position & 1n) {
    position >>= 1n;
    last >>= 1n;
  }
  let [oldRunning, newRunning] = [first, first];
  for (const sibling of path) {
    if (last === 0n) throw new ProofLengthError("consistency proof is too long");
    if (position & 1n || position === last) {
      oldRunning = nodeHash(sibling, oldRunning);
      newRunning = nodeHash(sibling, newRunning);
      while (!(position & 1n) && position) {
        position >>= 1n;
        last >>= 1n;
      }
    } else {
      newRunning = nodeHash(newRunning, sibling);
    }
    position >>= 1n;
    last >>= 1n;
  }
  if (last) throw new ProofLengthError("consistency proof is too short");
  if (!sameBytes(oldRunning, oldRoot)) throw new ConsistencyError("proof does not fit the old tree");
  if (!sameBytes(newRunning, newRoot)) throw new ConsistencyError("proof does not fit the new tree");
}
