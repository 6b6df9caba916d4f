/** The sign for the pole: one SVG on A4 that prints, saves and scales; black, white and one colour. */
import { h, s } from "../dom.ts";
import { iconPath, type Icon } from "../icons.ts";
import { qr } from "./qr.ts";

export interface Block {
  readonly icon: Icon;
  readonly title: string;
  readonly text: string;
}
export interface SignText {
  readonly city: string;
  readonly name: string;
  readonly headline: string;
  readonly promise: string;
  readonly blocks: readonly Block[];
  readonly scan: string;
  readonly address: string;
}

const [WIDTH, HEIGHT, MARGIN] = [840, 1188, 64];
const FONT = "'Source Sans 3 Variable', 'Source Sans 3', 'Source Sans Pro', sans-serif";
const [INK, QUIET, ACCENT] = ["#16201d", "#4c5a55", "#0b6b58"];

let pen: CanvasRenderingContext2D | null | undefined;

function width(text: string, size: number, weight: number): number {
  pen ??= h("canvas").getContext("2d");
  if (!pen) return text.length * size * 0.5;
  pen.font = `${weight} ${size}px ${FONT}`;
  return pen.measureText(text).width;
}

/** Lines that fit; what does not fit in `most` lines ends with an ellipsis. */
export function wrap(text: string, size: number, weight: number, room: number, most: number, measure = width): string[] {
  const lines: string[] = [];
  let line = "";
  for (const one of text.split(/\s+/).filter(Boolean)) {
    const longer = line ? `${line} ${one}` : one;
    if (measure(longer, size, weight) <= room || !line) line = longer;
    else {
      lines.push(line);
      line = one;
    }
  }
  if (line) lines.push(line);
  if (lines.length <= most) return lines;
  const kept = lines.slice(0, most);
  kept[most - 1] = `${kept[most - 1]!.replace(/[\s,.;:]+$/, "")}…`;
  return kept;
}

interface Style {
  readonly size: number;
  readonly weight: number;
  readonly fill: string;
  readonly leading: number;
  readonly most: number;
}

function paragraph(
  text: string,
  x: number,
  y: number,
  room: number,
  style: Style,
): { readonly node: SVGElement; readonly bottom: number } {
  const lines = wrap(text, style.size, style.weight, room, style.most);
  const node = s(
    "text",
    { x, y, "font-family": FONT, "font-size": style.size, "font-weight": style.weight, fill: style.fill },
    lines.map((line, n) => s("tspan", { x, y: y + n * style.leading }, line)),
  );
  return { node, bottom: y + Math.max(0, lines.length - 1) * style.leading };
}

function block(one: Block, x: number, y: number, room: number): { readonly node: SVGElement; readonly bottom: number } {
  const inner = x + 76;
  const title = paragraph(one.title, inner, y + 20, room - 76, { size: 23, weight: 650, fill: INK, leading: 27, most: 2 });
  const words = paragraph(one.text, inner, title.bottom + 29, room - 76, {
    size: 18,
    weight: 400,
    fill: QUIET,
    leading: 23.5,
    most: 6,
  });
  const sign = s(
    "g",
    { transform: `translate(${x} ${y})` },
    s("path", { d: "M27 0 54 15.500v31L27 62 0 46.500v-31Z", fill: ACCENT }),
    s("path", {
      d: iconPath(one.icon),
      transform: "translate(12 16) scale(1.250)",
      fill: "none",
      stroke: "#fff",
      "stroke-width": 1.8,
      "stroke-linecap": "round",
      "stroke-linejoin": "round",
    }),
  );
  return { node: s("g", {}, sign, title.node, words.node), bottom: Math.max(words.bottom, y + 62) };
}

export function sign(text: SignText, label: string): SVGSVGElement {
  const room = WIDTH - 2 * MARGIN;
  const column = (room - 40) / 2;
  const name = paragraph(text.name, MARGIN, 122, room, { size: 26, weight: 600, fill: ACCENT, leading: 30, most: 1 });
  const headline = paragraph(text.headline, MARGIN, 182, room, { size: 54, weight: 700, fill: INK, leading: 58, most: 3 });
  const promise = paragraph(text.promise, MARGIN, headline.bottom + 50, room, {
    size: 24,
    weight: 400,
    fill: INK,
    leading: 31,
    most: 3,
  });
  const code = qr(text.address);
  const side = 168;
  const top = HEIGHT - MARGIN - side;
  const begin = promise.bottom + 54;
  const pairs = Array.from({ length: Math.ceil(text.blocks.length / 2) }, (_, n) => text.blocks.slice(2 * n, 2 * n + 2));
  const draw = (pair: readonly Block[], y: number) =>
    pair.map((one, side) => block(one, MARGIN + side * (column + 40), y, column));
  const bottoms = pairs.map((pair) => Math.max(...draw(pair, 0).map((one) => one.bottom)));
  const spare = top - 62 - begin - bottoms.reduce((sum, bottom) => sum + bottom, 0);
  const gap = Math.max(34, Math.min(72, spare / Math.max(1, pairs.length - 1)));
  let y = begin;
  const blocks = pairs.flatMap((pair, n) => {
    const drawn = draw(pair, y);
    y += bottoms[n]! + gap;
    return drawn.map((one) => one.node);
  });
  const scan = paragraph(text.scan, MARGIN + side + 34, top + 34, room - side - 34, {
    size: 23,
    weight: 650,
    fill: INK,
    leading: 29,
    most: 3,
  });
  const address = paragraph(text.address.replace(/^https?:\/\//, ""), MARGIN + side + 34, scan.bottom + 36, room - side - 34, {
    size: 19,
    weight: 400,
    fill: QUIET,
    leading: 24,
    most: 2,
  });
  return s(
    "svg",
    { xmlns: "http://www.w3.org/2000/svg", class: "sign", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": label },
    s("rect", { width: WIDTH, height: HEIGHT, fill: "#fff" }),
    s("rect", { width: WIDTH, height: 14, fill: ACCENT }),
    s("text", { x: MARGIN, y: 74, "font-family": FONT, "font-size": 20, fill: QUIET }, text.city),
    name.node,
    headline.node,
    promise.node,
    s("g", {}, blocks),
    s("line", { x1: MARGIN, x2: WIDTH - MARGIN, y1: top - 30, y2: top - 30, stroke: "#c9d2ce", "stroke-width": 1.5 }),
    s("path", {
      d: code.path,
      transform: `translate(${MARGIN} ${top}) scale(${side / code.size})`,
      fill: INK,
      "shape-rendering": "crispEdges",
    }),
    scan.node,
    address.node,
  );
}
