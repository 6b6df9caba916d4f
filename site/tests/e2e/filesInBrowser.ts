/** ``node:fs`` for the vectors in a browser: their files are part of the bundle. */
const files = import.meta.glob<string>("../../../spec/vectors/*.json", { query: "?raw", import: "default", eager: true });

export function readFileSync(where: URL): string {
  const name = where.pathname.split("/").pop()!;
  return files[`../../../spec/vectors/${name}`]!;
}
