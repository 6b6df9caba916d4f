/** Every failure has its own class, called as in the Python library, so that both sides share their test vectors. */
export class TlogError extends Error {
  constructor(message: string) {
    super(message);
    this.name = new.target.name;
  }
}
/** Bytes that are not the canonical form of anything. */
export class ParseError extends TlogError {}
/** Well-formed bytes that prove nothing, or prove that somebody cheated. */
export class VerificationError extends TlogError {}

export class NumberError extends ParseError {}
export class Base64Error extends ParseError {}
export class HashLengthError extends ParseError {}
export class EncodingError extends ParseError {}
export class ControlCharacterError extends ParseError {}
export class NoteTooLargeError extends ParseError {}
export class NoteTextError extends ParseError {}
export class MissingSignaturesError extends ParseError {}
export class SignatureLineError extends ParseError {}
export class KeyNameError extends ParseError {}
export class DuplicateSignatureError extends ParseError {}
export class KeyTextError extends ParseError {}
export class KeyIdError extends ParseError {}
export class CheckpointTextError extends ParseError {}
export class OriginError extends ParseError {}
export class ExtensionLineError extends ParseError {}
export class EmptyTreeError extends ParseError {}
export class TilePathError extends ParseError {}
export class TileLengthError extends ParseError {}
export class BundleError extends ParseError {}
export class PolicyError extends ParseError {}
export class PolicyNameError extends ParseError {}
export class PolicyKeyError extends ParseError {}
export class PolicyQuorumError extends ParseError {}
export class ProofHeaderError extends ParseError {}
export class ProofIndexError extends ParseError {}
export class ProofBodyError extends ParseError {}

export class KeyClashError extends TlogError {}
export class ResourceMissingError extends TlogError {}
export class RangeError extends TlogError {}
export class KeyTypeError extends TlogError {}

export class BadSignatureError extends VerificationError {}
export class NoKnownSignatureError extends VerificationError {}
export class UnknownLogError extends VerificationError {}
export class QuorumError extends VerificationError {}
export class ProofRangeError extends VerificationError {}
export class ProofLengthError extends VerificationError {}
export class InclusionError extends VerificationError {}
export class ConsistencyError extends VerificationError {}
export class TileMismatchError extends VerificationError {}
export class RollbackError extends VerificationError {}
export class ForkError extends VerificationError {}
