/** A QR code as one SVG path, made here. */
import qrcode from "qrcode-generator";

export interface Code {
  readonly path: string;
  /** Modules on a side. */
  readonly size: number;
}

export function qr(text: string): Code {
  const code = qrcode(0, "M");
  code.addData(text);
  code.make();
  const size = code.getModuleCount();
  let path = "";
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++) {
      if (!code.isDark(y, x)) continue;
      const first = x;
      while (x + 1 < size && code.isDark(y, x + 1)) x++;
      path += `M${first} ${y}h${x - first + 1}v1h-${x - first + 1}z`;
    }
  return { path, size };
}
