/** Check a log from this browser, step by step, and tell each step. */
import { sameBytes, toHex } from "./canonical.ts";
import { ConsistencyError, ForkError, RollbackError } from "./errors.ts";
import type { Checkpoint, Policy } from "./policy.ts";
import { verifyConsistency, verifyInclusion } from "./proof.ts";
import { type FetchBytes, TiledTree } from "./tiled.ts";
import { leafHash } from "./tree.ts";

export interface Step {
  readonly name: "checkpoint" | "quorum" | "consistency" | "entries" | "inclusion";
  readonly state: "running" | "passed" | "skipped";
  readonly detail: string;
}
export interface Verification {
  readonly checkpoint: Checkpoint;
  readonly tree: TiledTree;
}
export interface Wishes {
  /** Note bytes of the checkpoint that this browser saw last time. */
  readonly seen?: Uint8Array | undefined;
  /** Leaves whose inclusion is to be proven. */
  readonly leaves?: readonly number[];
  /** Read and check every entry, and hand each on. */
  readonly onEntry?: (entry: Uint8Array, index: number) => void;
}

/** Signature, quorum, growth since last time, entries and inclusions; throws at the first thing that does not hold. */
export async function verifyLog(
  fetchBytes: FetchBytes,
  policy: Policy,
  onStep: (step: Step) => void = () => {},
  wishes: Wishes = {},
): Promise<Verification> {
  onStep({ name: "checkpoint", state: "running", detail: "" });
  const checkpoint = await policy.verify(await fetchBytes("checkpoint"));
  onStep({ name: "checkpoint", state: "passed", detail: `${checkpoint.size} leaves, root ${toHex(checkpoint.root)}` });
  const names = checkpoint.cosigned.map((one) => one.witness).join(", ");
  onStep({ name: "quorum", state: "passed", detail: `${checkpoint.cosigned.length} of ${policy.witnesses.length}: ${names}` });
  const tree = new TiledTree(checkpoint.size, checkpoint.root, fetchBytes);
  if (wishes.seen) {
    onStep({ name: "consistency", state: "running", detail: "" });
    const old = await policy.verify(wishes.seen);
    await checkGrowth(old, checkpoint, tree);
    onStep({ name: "consistency", state: "passed", detail: `grew from ${old.size} to ${checkpoint.size} leaves` });
  } else {
    onStep({ name: "consistency", state: "skipped", detail: "this browser sees the log for the first time" });
  }
  for (const index of wishes.leaves ?? []) {
    onStep({ name: "inclusion", state: "running", detail: `leaf ${index}` });
    for await (const entry of tree.entries(index, index + 1))
      verifyInclusion(leafHash(entry), index, tree.size, await tree.inclusion(index), tree.root);
    onStep({ name: "inclusion", state: "passed", detail: `leaf ${index}` });
  }
  if (wishes.onEntry) {
    onStep({ name: "entries", state: "running", detail: "" });
    let index = 0;
    for await (const entry of tree.entries(0, tree.size)) wishes.onEntry(entry, index++);
    onStep({ name: "entries", state: "passed", detail: `${index} entries belong to the root` });
  }
  return { checkpoint, tree };
}

async function checkGrowth(old: Checkpoint, now: Checkpoint, tree: TiledTree): Promise<void> {
  if (old.origin !== now.origin) throw new ForkError(`${old.origin} is now called ${now.origin}`);
  if (now.size < old.size) throw new RollbackError(`the log shrank from ${old.size} to ${now.size} leaves`);
  if (now.size === old.size && sameBytes(now.root, old.root)) return;
  try {
    verifyConsistency(old.size, now.size, await tree.consistency(old.size), old.root, now.root);
  } catch (error) {
    if (error instanceof ConsistencyError) throw new ForkError("the log was rewritten since this browser last saw it");
    throw error;
  }
}
