/** Ed25519 by WebCrypto; where the browser has none, a library is loaded for it. */
let native: Promise<boolean> | undefined;

async function offered(): Promise<boolean> {
  try {
    await globalThis.crypto.subtle.importKey("raw", new Uint8Array(32), "Ed25519", false, ["verify"]);
    return true;
  } catch {
    return false;
  }
}

export async function verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
  if (signature.length !== 64) return false;
  native ??= offered();
  if (!(await native)) {
    const { verifyWithLibrary } = await import("./ed25519Library.ts");
    return verifyWithLibrary(publicKey, message, signature);
  }
  try {
    const key = await crypto.subtle.importKey("raw", publicKey as BufferSource, "Ed25519", false, ["verify"]);
    return await crypto.subtle.verify("Ed25519", key, signature as BufferSource, message as BufferSource);
  } catch {
    return false;
  }
}
