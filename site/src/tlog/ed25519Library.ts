/** Ed25519 by a small audited library, for browsers that have none (older, or a page without TLS). */
import * as noble from "@noble/ed25519";
import { sha512 } from "@noble/hashes/sha2";

noble.etc.sha512Sync = (...parts) => sha512(noble.etc.concatBytes(...parts));

export function verifyWithLibrary(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  try {
    return noble.verify(signature, message, publicKey, { zip215: false });
  } catch {
    return false;
  }
}
