/** Tiles of 256 hashes and bundles of 256 entries: https://c2sp.org/tlog-tiles */
import { BundleError, TileLengthError, TilePathError } from "./errors.ts";

export const WIDTH = 256;

/** `level` 0 to 7 of hashes, or null for a bundle of entries. */
export interface Tile {
  readonly level: number | null;
  readonly index: bigint;
  readonly width: number;
}

export function tilePath(tile: Tile): string {
  const digits = tile.index.toString();
  const parts = digits.padStart(Math.ceil(digits.length / 3) * 3, "0").match(/.{3}/g)!;
  const where = parts.map((part, n) => (n + 1 < parts.length ? `x${part}` : part)).join("/");
  return `tile/${tile.level ?? "entries"}/${where}${tile.width < WIDTH ? `.p/${tile.width}` : ""}`;
}

export function parseTilePath(path: string): Tile {
  const match = /^tile\/(entries|[0-7])\/((?:x[0-9]{3}\/){0,6}[0-9]{3})(?:\.p\/([1-9][0-9]{0,2}))?$/.exec(path);
  const refuse = () => new TilePathError(`path names no tile: ${path.slice(0, 80)}`);
  if (!match) throw refuse();
  const level = match[1] === "entries" ? null : Number(match[1]);
  const index = BigInt(match[2]!.replaceAll(/[x/]/g, ""));
  const tile = { level, index, width: Number(match[3] ?? WIDTH) };
  const most = (2n ** 63n - 1n) >> BigInt(8 * ((level ?? 0) + 1));
  if (tile.width > WIDTH || tilePath(tile) !== path || index > most) throw refuse();
  return tile;
}

export function splitTile(data: Uint8Array, width: number): Uint8Array[] {
  if (data.length !== width * 32) throw new TileLengthError(`tile has ${data.length} bytes instead of ${width * 32}`);
  return Array.from({ length: width }, (_, n) => data.slice(n * 32, n * 32 + 32));
}

export function parseBundle(data: Uint8Array, width: number): Uint8Array[] {
  const entries: Uint8Array[] = [];
  for (let at = 0; at < data.length;) {
    const end = at + 2 + data[at]! * 256 + (data[at + 1] ?? 0);
    if (data.length - at < 2 || end > data.length) throw new BundleError("entry bundle is cut off");
    entries.push(data.slice(at + 2, end));
    at = end;
  }
  if (entries.length !== width) throw new BundleError(`entry bundle has ${entries.length} entries instead of ${width}`);
  return entries;
}
