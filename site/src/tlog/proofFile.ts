/** A proof that checks without a network: https://c2sp.org/tlog-proof */
import { concat, formatBase64, parseBase64, parseDecimal, parseHash, parseText, utf8 } from "./canonical.ts";
import { ProofBodyError, ProofHeaderError, ProofIndexError } from "./errors.ts";
import { parseNote } from "./note.ts";
import type { Checkpoint, Policy } from "./policy.ts";
import { verifyInclusion } from "./proof.ts";
import { leafHash } from "./tree.ts";

const HEADER = "c2sp.org/tlog-proof@v1";

export interface ProofFile {
  readonly index: bigint;
  readonly proof: readonly Uint8Array[];
  readonly checkpoint: Uint8Array;
  readonly extra: Uint8Array | null;
}

export function parseProofFile(data: Uint8Array): ProofFile {
  const whole = parseText(data);
  const blank = whole.indexOf("\n\n");
  const lines = (blank < 0 ? whole : whole.slice(0, blank)).split("\n");
  if (lines.shift() !== HEADER) throw new ProofHeaderError("file is no proof");
  const extra = lines[0]?.startsWith("extra ") ? parseBase64(lines.shift()!.slice(6)) : null;
  const index = lines.shift();
  if (!index?.startsWith("index ")) throw new ProofIndexError("proof names no leaf");
  const at = parseDecimal(index.slice(6));
  if (blank < 0 || lines.length > 63) throw new ProofBodyError("proof is not complete");
  const checkpoint = utf8(whole.slice(blank + 2));
  parseNote(checkpoint);
  return { index: at, proof: lines.map(parseHash), checkpoint, extra };
}

export function formatProofFile(file: ProofFile): Uint8Array {
  const extra = file.extra ? [`extra ${formatBase64(file.extra)}`] : [];
  return concat(
    utf8([HEADER, ...extra, `index ${file.index}`, ...file.proof.map(formatBase64), "", ""].join("\n")),
    file.checkpoint,
  );
}

export async function verifyProofFile(file: ProofFile, entry: Uint8Array, policy: Policy): Promise<Checkpoint> {
  const checkpoint = await policy.verify(file.checkpoint);
  verifyInclusion(leafHash(entry), file.index, checkpoint.size, file.proof, checkpoint.root);
  return checkpoint;
}
