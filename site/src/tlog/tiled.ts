/** A tree behind its tiles: whatever comes back was checked against the root, so the server need not be trusted. */
import { sameBytes } from "./canonical.ts";
import { RangeError, ResourceMissingError, TileMismatchError } from "./errors.ts";
import { proveConsistency, proveInclusion, type Size } from "./proof.ts";
import { parseBundle, splitTile, type Tile, tilePath, WIDTH } from "./tile.ts";
import { foldRoots, hashesRoot, leafHash, subtreeRoots } from "./tree.ts";

/** Bytes at a path relative to the log; throws ResourceMissingError where there are none. */
export type FetchBytes = (path: string) => Promise<Uint8Array>;

const STEP = 8n;

export class TiledTree {
  readonly #full = new Map<string, Promise<Uint8Array[]>>();
  #edge: Promise<Uint8Array[][]> | undefined;

  constructor(
    readonly size: bigint,
    readonly root: Uint8Array,
    readonly fetchBytes: FetchBytes,
  ) {}

  /** Hashes of the partial tile of every level, lowest first. */
  edge(): Promise<Uint8Array[][]> {
    this.#edge ??= this.#readEdge();
    return this.#edge;
  }

  async #readEdge(): Promise<Uint8Array[][]> {
    const counts: bigint[] = [];
    for (let count = this.size; count > 0n; count >>= STEP) counts.push(count);
    const edge = await Promise.all(
      counts.map(async (count, level) => {
        const width = Number(count % 256n);
        if (!width) return [];
        return splitTile(await this.#fetchTile({ level, index: count >> STEP, width }), width);
      }),
    );
    const roots = edge
      .map((hashes) => subtreeRoots(hashes))
      .reverse()
      .flat();
    if (!sameBytes(foldRoots(roots), this.root)) throw new TileMismatchError("the tiles do not belong to the signed root");
    return edge;
  }

  async #fetchTile(tile: Tile): Promise<Uint8Array> {
    try {
      return await this.fetchBytes(tilePath(tile));
    } catch (error) {
      if (!(error instanceof ResourceMissingError) || tile.width === WIDTH) throw error;
      return (await this.fetchBytes(tilePath({ ...tile, width: WIDTH }))).slice(0, tile.width * 32);
    }
  }

  async #accept(level: number, index: bigint, hashes: Uint8Array[]): Promise<Uint8Array[]> {
    const above = await this.tile(level + 1, index >> STEP);
    if (!sameBytes(hashesRoot(hashes), above[Number(index % 256n)]!))
      throw new TileMismatchError(`${tilePath({ level, index, width: WIDTH })} does not belong to the signed root`);
    return hashes;
  }

  async tile(level: number, index: bigint): Promise<Uint8Array[]> {
    if (index === (this.size >> (STEP * BigInt(level))) >> STEP) return (await this.edge())[level]!;
    const path = tilePath({ level, index, width: WIDTH });
    let known = this.#full.get(path);
    if (!known) {
      known = this.fetchBytes(path).then((data) => this.#accept(level, index, splitTile(data, WIDTH)));
      this.#full.set(path, known);
    }
    return known;
  }

  readonly node = async (level: number, index: bigint): Promise<Uint8Array> => {
    const within = level % 8;
    const first = index << BigInt(within);
    const at = Number(first % 256n);
    const hashes = await this.tile(Math.floor(level / 8), first >> STEP);
    return hashesRoot(hashes.slice(at, at + 2 ** within));
  };

  /** Entries [start, end), each checked against the root. */
  async *entries(from: Size, to: Size): AsyncGenerator<Uint8Array> {
    const [start, end] = [BigInt(from), BigInt(to)];
    if (!(0n <= start && start <= end && end <= this.size)) throw new RangeError(`no entries ${start} to ${end}`);
    for (let index = start >> STEP; index << STEP < end; index += 1n) {
      const first = index << STEP;
      const bundle = await this.#bundle(index);
      const low = start > first ? Number(start - first) : 0;
      yield* bundle.slice(low, Number(end - first));
    }
  }

  async #bundle(index: bigint): Promise<Uint8Array[]> {
    const left = this.size - (index << STEP);
    const width = left < 256n ? Number(left) : WIDTH;
    let entries: Uint8Array[];
    try {
      entries = parseBundle(await this.fetchBytes(tilePath({ level: null, index, width })), width);
    } catch (error) {
      if (!(error instanceof ResourceMissingError) || width === WIDTH) throw error;
      entries = parseBundle(await this.fetchBytes(tilePath({ level: null, index, width: WIDTH })), WIDTH).slice(0, width);
    }
    const hashes = entries.map(leafHash);
    if (width === WIDTH) {
      await this.#accept(0, index, hashes);
    } else {
      const edge = (await this.edge())[0]!;
      if (!hashes.every((value, n) => sameBytes(value, edge[n]!)))
        throw new TileMismatchError("entries do not belong to the signed root");
    }
    return entries;
  }

  inclusion(index: Size): Promise<Uint8Array[]> {
    return proveInclusion(this.node, index, this.size);
  }

  consistency(old: Size): Promise<Uint8Array[]> {
    return proveConsistency(this.node, old, this.size);
  }
}
