/** What a PDF that Chromium wrote says: its pages, and the text that a reader could copy out of it. */
import { inflateSync } from "node:zlib";

export interface Pdf {
  readonly pages: number;
  /** Width and height of the first page in mm. */
  readonly size: readonly [number, number];
  readonly text: string;
}

const POINT_MM = 25.4 / 72;

/** Objects by number: what stands between `obj` and `endobj`, streams inflated. */
function objects(file: string): Map<number, string> {
  const found = new Map<number, string>();
  for (const [, number, body] of file.matchAll(/(\d+) 0 obj\n([\s\S]*?)\nendobj/g)) {
    const stream = /stream\n([\s\S]*?)\nendstream/.exec(body!);
    const isPacked = stream && body!.includes("/FlateDecode");
    found.set(Number(number), isPacked ? inflateSync(Buffer.from(stream[1]!, "latin1")).toString("latin1") : body!);
  }
  return found;
}

const hex = (text: string): string => Buffer.from(text, "hex").swap16().toString("utf16le");

/** Glyphs, each of two or of four hex digits, to text. */
function glyphs(map: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const [, block] of map.matchAll(/beginbfchar\n([\s\S]*?)endbfchar/g))
    for (const [, glyph, text] of block!.matchAll(/<(\w+)> <(\w+)>/g)) found.set(glyph!, hex(text!));
  for (const [, block] of map.matchAll(/beginbfrange\n([\s\S]*?)endbfrange/g))
    for (const [, low, high, text] of block!.matchAll(/<(\w+)> <(\w+)> <(\w+)>/g))
      for (let n = parseInt(low!, 16); n <= parseInt(high!, 16); n++) {
        const code = parseInt(text!, 16) + n - parseInt(low!, 16);
        found.set(n.toString(16).toUpperCase().padStart(low!.length, "0"), String.fromCharCode(code));
      }
  return found;
}

const digits = (font: ReadonlyMap<string, string> | undefined): number => font?.keys().next().value?.length ?? 4;

export function readPdf(data: Buffer): Pdf {
  const file = data.toString("latin1");
  const all = objects(file);
  const fonts = new Map<string, Map<string, string>>();
  for (const [, block] of file.matchAll(/\/Font <<([\s\S]*?)>>/g))
    for (const [, name, number] of block!.matchAll(/\/(F\d+) (\d+) 0 R/g)) {
      const map = /\/ToUnicode (\d+) 0 R/.exec(all.get(Number(number)) ?? "");
      if (map) fonts.set(name!, glyphs(all.get(Number(map[1]))!));
    }
  let text = "";
  for (const content of all.values()) {
    let font: Map<string, string> | undefined;
    for (const [, name, shown] of content.matchAll(/\/(F\d+) [\d.]+ Tf|(<[0-9A-F]+>[^\n]*T[jJ]|\[[^\]]*\] TJ)/g)) {
      if (name) font = fonts.get(name);
      for (const [, run] of shown?.matchAll(/<([0-9A-F]+)>/g) ?? [])
        for (const glyph of run!.match(digits(font) === 2 ? /../g : /..../g) ?? []) text += font?.get(glyph) ?? "";
    }
    text += "\n";
  }
  const [, width = "0", height = "0"] = /\/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]/.exec(file) ?? [];
  const pages = [...file.matchAll(/\/Type \/Page\b(?!s)/g)].length;
  return { pages, size: [Number(width) * POINT_MM, Number(height) * POINT_MM], text };
}
