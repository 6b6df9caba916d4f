/** Proof of work (Hashcash): find a nonce for which SHA-256 of `challenge:nonce` begins with `bits` zero bits. */
import { sha256 } from "@noble/hashes/sha2";

const BATCH = 4096;

export function leadingZeros(hash: Uint8Array): number {
  const first = hash.findIndex((byte) => byte !== 0);
  return first < 0 ? hash.length * 8 : first * 8 + Math.clz32(hash[first]!) - 24;
}

/** Lets the page breathe between batches. */
export async function findNonce(challenge: string, bits: number, told: (tried: number) => void = () => {}): Promise<string> {
  const encoder = new TextEncoder();
  for (let nonce = 0; ; nonce++) {
    if (leadingZeros(sha256(encoder.encode(`${challenge}:${nonce}`))) >= bits) return String(nonce);
    if (nonce % BATCH === BATCH - 1) {
      told(nonce);
      await new Promise((resolve) => setTimeout(resolve));
    }
  }
}
