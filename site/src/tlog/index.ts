/** Transparency logs in the browser: the same checks as the Python library, on the same vectors. No DOM. */
export { formatBase64, parseBase64, toHex, utf8 } from "./canonical.ts";
export { TlogError } from "./errors.ts";
export * as errors from "./errors.ts";
export { parsePolicy, Policy, verifyCheckpoint, type Checkpoint, type Cosigned } from "./policy.ts";
export { verifyConsistency, verifyInclusion } from "./proof.ts";
export { formatProofFile, parseProofFile, verifyProofFile, type ProofFile } from "./proofFile.ts";
export { TiledTree, type FetchBytes } from "./tiled.ts";
export { leafHash, treeRoot } from "./tree.ts";
export { verifyLog, type Step, type Verification, type Wishes } from "./verify.ts";
