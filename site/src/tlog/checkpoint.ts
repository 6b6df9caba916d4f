/** Checkpoints: https://c2sp.org/tlog-checkpoint */
import { formatBase64, parseDecimal, parseHash } from "./canonical.ts";
import { CheckpointTextError, ExtensionLineError, OriginError } from "./errors.ts";

export interface TreeHead {
  readonly origin: string;
  readonly size: bigint;
  readonly root: Uint8Array;
}

export function parseTreeHead(text: string): TreeHead {
  const lines = text.split("\n");
  if (lines.length < 4 || lines.at(-1)) throw new CheckpointTextError("text is no checkpoint");
  if (lines.length > 4) throw new ExtensionLineError("checkpoint has extension lines");
  const [origin, size, root] = [lines[0]!, parseDecimal(lines[1]!), parseHash(lines[2]!)];
  if (!origin) throw new OriginError("checkpoint has no origin");
  return { origin, size, root };
}

export const formatTreeHead = (head: TreeHead): string => `${head.origin}\n${head.size}\n${formatBase64(head.root)}\n`;
