/** Are the published numbers those of the log? Lines are hashed again and held against the manifest. */
import { request } from "../api.ts";
import { errors, toHex, treeRoot } from "../tlog/index.ts";
import type { Manifest } from "./leaves.ts";

/** Published numbers that are not the logged ones. */
export class NumbersError extends errors.VerificationError {}

export async function batchLines(root: string): Promise<string[]> {
  const text = await (await request(`/api/v1/batches/${root}.csv`)).text();
  return text ? text.replace(/\n$/, "").split("\n") : [];
}

export function checkLines(lines: readonly string[], manifest: Manifest): void {
  const root = toHex(treeRoot(lines));
  if (root !== manifest.root || lines.length !== manifest.count)
    throw new NumbersError(
      `leaf ${manifest.leaf} covers ${manifest.count} lines with root ${manifest.root}; ${lines.length} came with root ${root}`,
    );
}

/** Recompute these batches; returns how many numbers were compared. Throws NumbersError at the first that differs. */
export async function recompute(manifests: readonly Manifest[], told: (done: number) => void = () => {}): Promise<number> {
  let compared = 0;
  for (const [n, manifest] of manifests.entries()) {
    checkLines(await batchLines(manifest.root), manifest);
    compared += manifest.count;
    told(n + 1);
  }
  return compared;
}

/** Some of the manifests, drawn by chance, so that nobody knows which ones a visitor will check; the newest is always one. */
export function draw(manifests: readonly Manifest[], count: number): Manifest[] {
  if (manifests.length <= count) return [...manifests];
  const drawn = new Set<number>([manifests.length - 1]);
  const random = new Uint32Array(1);
  while (drawn.size < count) drawn.add(crypto.getRandomValues(random)[0]! % manifests.length);
  return [...drawn].sort((a, b) => a - b).map((n) => manifests[n]!);
}
