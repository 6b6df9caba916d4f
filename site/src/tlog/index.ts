/** Transparency logs in the browser: the same checks as the Python library, on the same vectors. No DOM. */
export { formatBase64, parseBase64, toHex, utf8 } from "./canonical.ts";
export * as errors from "./errors.ts";
export { TlogError } from "./errors.ts";
export { type Checkpoint, type Cosigned, Policy, parsePolicy, verifyCheckpoint } from "./policy.ts";
export { verifyConsistency, verifyInclusion } from "./proof.ts";
export { formatProofFile, type ProofFile, parseProofFile, verifyProofFile } from "./proofFile.ts";
export { type FetchBytes, TiledTree } from "./tiled.ts";
export { leafHash, treeRoot } from "./tree.ts";
export { type Step, type Verification, verifyLog, type Wishes } from "./verify.ts";
