/** Ed25519 by WebCrypto, or by a small audited library where the browser has none (older, or a page without TLS). */
import * as noble from "@noble/ed25519";
import { sha512 } from "@noble/hashes/sha2";

noble.etc.sha512Sync = (...parts) => sha512(noble.etc.concatBytes(...parts));

let native: Promise<boolean> | undefined;

async function offered(): Promise<boolean> {
  try {
    await globalThis.crypto.subtle.importKey("raw", new Uint8Array(32), "Ed25519", false, ["verify"]);
    return true;
  } catch {
    return false;
  }
}

export function verifyWithLibrary(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  try {
    return noble.verify(signature, message, publicKey, { zip215: false });
  } catch {
    return false;
  }
}

export async function verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
  if (signature.length !== 64) return false;
  native ??= offered();
  if (!(await native)) return verifyWithLibrary(publicKey, message, signature);
  try {
    const key = await crypto.subtle.importKey("raw", publicKey as BufferSource, "Ed25519", false, ["verify"]);
    return await crypto.subtle.verify("Ed25519", key, signature as BufferSource, message as BufferSource);
  } catch {
    return false;
  }
}
