/** Signed notes and their keys: https://c2sp.org/signed-note and https://c2sp.org/tlog-cosignature */
import { concat, formatBase64, parseBase64, parseText, sameBytes, toHex, utf8 } from "./canonical.ts";
import { verifyEd25519 } from "./ed25519.ts";
import {
  BadSignatureError,
  DuplicateSignatureError,
  KeyClashError,
  KeyIdError,
  KeyNameError,
  KeyTextError,
  KeyTypeError,
  MissingSignaturesError,
  NoKnownSignatureError,
  NoteTooLargeError,
  SignatureLineError,
} from "./errors.ts";
import { hash } from "./tree.ts";

export interface NoteSignature {
  readonly name: string;
  readonly keyId: Uint8Array;
  readonly signature: Uint8Array;
}
export interface Note {
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}
export enum KeyType {
  Ed25519 = 1,
  Cosignature = 4,
  MlDsa44 = 6,
}
export interface VerifierKey {
  readonly name: string;
  readonly type: KeyType;
  readonly publicKey: Uint8Array;
  readonly keyId: Uint8Array;
}
/** A trusted key whose signature holds; `time` of a cosignature in seconds since 1970. */
export interface Verified {
  readonly key: VerifierKey;
  readonly time: bigint | null;
}

const PUBLIC_BYTES: Record<KeyType, number> = { [KeyType.Ed25519]: 32, [KeyType.Cosignature]: 32, [KeyType.MlDsa44]: 1312 };
const MAX_BYTES = 1_000_000;
const MAX_SIGNATURES = 100;

function checkName(name: string): void {
  if (!name || /[\p{White_Space}+\u0000-\u001f]/u.test(name)) throw new KeyNameError("key has no usable name");
}

export function parseSignature(line: string): NoteSignature {
  const [mark, name = "", ...rest] = line.split(" ");
  const text = rest.join(" ");
  if (mark !== "—" || !text) throw new SignatureLineError("line is no signature");
  checkName(name);
  const blob = parseBase64(text);
  if (blob.length < 5) throw new SignatureLineError("signature is too short");
  return { name, keyId: blob.slice(0, 4), signature: blob.slice(4) };
}

export function parseNote(data: Uint8Array): Note {
  if (data.length > MAX_BYTES) throw new NoteTooLargeError("note is too large");
  const whole = parseText(data);
  const blank = whole.lastIndexOf("\n\n");
  const lines = whole.slice(blank + 2);
  if (blank < 0 || !lines) throw new MissingSignaturesError("note has no signatures");
  if (!lines.endsWith("\n")) throw new SignatureLineError("last signature line has no end");
  const parts = lines.slice(0, -1).split("\n");
  if (parts.length > MAX_SIGNATURES) throw new NoteTooLargeError("note has too many signatures");
  const signatures = parts.map(parseSignature);
  const keys = new Set(signatures.map((s) => `${s.name} ${toHex(s.keyId)}`));
  if (keys.size !== signatures.length) throw new DuplicateSignatureError("note has two signatures by one key");
  return { text: whole.slice(0, blank + 1), signatures };
}

export function formatNote(note: Note): Uint8Array {
  const lines = note.signatures.map((s) => `— ${s.name} ${formatBase64(concat(s.keyId, s.signature))}\n`);
  return utf8(`${note.text}\n${lines.join("")}`);
}

export function parseVerifierKey(text: string): VerifierKey {
  const match = /^([^+]+)\+([0-9a-f]{8})\+([^\n]+)$/.exec(text);
  if (!match) throw new KeyTextError("text is no verifier key");
  const [name, id, data] = [match[1]!, match[2]!, parseBase64(match[3]!)];
  const type = data[0] as KeyType;
  if (!(type in PUBLIC_BYTES)) throw new KeyTextError("key is of an unknown type");
  checkName(name);
  const publicKey = data.slice(1);
  if (publicKey.length !== PUBLIC_BYTES[type]) throw new KeyTextError("public key has the wrong length");
  const keyId = hash(concat(utf8(`${name}\n`), data)).slice(0, 4);
  if (toHex(keyId) !== id) throw new KeyIdError("key ID does not fit the key");
  return { name, type, publicKey, keyId };
}

export function formatVerifierKey(key: VerifierKey): string {
  return `${key.name}+${toHex(key.keyId)}+${formatBase64(concat(Uint8Array.of(key.type), key.publicKey))}`;
}

async function verifyLine(key: VerifierKey, text: string, blob: Uint8Array): Promise<bigint | null> {
  const bad = () => new BadSignatureError(`signature of ${key.name} does not fit the text`);
  if (key.type === KeyType.MlDsa44) throw new KeyTypeError("ML-DSA-44 is not offered by browsers");
  if (key.type === KeyType.Ed25519) {
    if (!(await verifyEd25519(key.publicKey, utf8(text), blob))) throw bad();
    return null;
  }
  if (blob.length !== 72) throw bad();
  const time = new DataView(blob.buffer, blob.byteOffset).getBigUint64(0);
  const message = utf8(`cosignature/v1\ntime ${time}\n${text}`);
  if (time >= 2n ** 63n || !(await verifyEd25519(key.publicKey, message, blob.slice(8)))) throw bad();
  return time;
}

/** Who of the trusted signed the note, in the order of its lines. Throws where one of them fails or nobody did. */
export async function openNote(note: Note, trusted: readonly VerifierKey[]): Promise<Verified[]> {
  const keys = new Map<string, VerifierKey>();
  for (const key of trusted) {
    const label = `${key.name} ${toHex(key.keyId)}`;
    const other = keys.get(label);
    if (other && !sameBytes(other.publicKey, key.publicKey)) throw new KeyClashError(`two trusted keys are called ${key.name}`);
    keys.set(label, key);
  }
  const found: Verified[] = [];
  for (const signature of note.signatures) {
    const key = keys.get(`${signature.name} ${toHex(signature.keyId)}`);
    if (key) found.push({ key, time: await verifyLine(key, note.text, signature.signature) });
  }
  if (!found.length) throw new NoKnownSignatureError("nobody who is trusted signed this");
  return found;
}
