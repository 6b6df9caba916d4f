/** The vectors that the Python library passes too; where a case fails, it fails with the same class there and here. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parseBase64, sameBytes, toHex, utf8 } from "../../src/tlog/canonical.ts";
import { formatTreeHead, parseTreeHead } from "../../src/tlog/checkpoint.ts";
import { verifyWithLibrary } from "../../src/tlog/ed25519Library.ts";
import { ResourceMissingError, TlogError, VerificationError } from "../../src/tlog/errors.ts";
import {
  errors,
  type FetchBytes,
  formatProofFile,
  leafHash,
  parsePolicy,
  parseProofFile,
  type Step,
  treeRoot,
  verifyCheckpoint,
  verifyConsistency,
  verifyInclusion,
  verifyLog,
  verifyProofFile,
} from "../../src/tlog/index.ts";
import { formatNote, formatVerifierKey, openNote, parseNote, parseVerifierKey } from "../../src/tlog/note.ts";
import { parseBundle, parseTilePath, tilePath } from "../../src/tlog/tile.ts";
import { hashesRoot, nodeHash } from "../../src/tlog/tree.ts";

const ROOT = new URL("../../../spec/vectors/", import.meta.url);
const vectors = (name: string) => JSON.parse(readFileSync(new URL(`${name}.json`, ROOT), "utf-8"));
const raw = (text: string) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
const fromHex = (text: string) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const text = (data: Uint8Array) => new TextDecoder().decode(data);

async function nameOf(act: () => unknown): Promise<string | null> {
  try {
    await act();
    return null;
  } catch (error) {
    if (!(error instanceof TlogError)) throw error;
    return error.name;
  }
}

it("hashes the tree of eight leaves", () => {
  const v = vectors("tree");
  const leaves = v.leaves.map(fromHex);
  let level: Uint8Array[] = leaves.map(leafHash);
  expect(level.map(toHex)).toEqual(v.nodes[0]);
  for (const expected of v.nodes.slice(1)) {
    level = expected.map((_: string, n: number) => nodeHash(level[2 * n]!, level[2 * n + 1]!));
    expect(level.map(toHex)).toEqual(expected);
  }
  v.roots.forEach((root: string, size: number) => {
    expect(toHex(treeRoot(leaves.slice(0, size)))).toBe(root);
    expect(toHex(hashesRoot(leaves.slice(0, size).map(leafHash)))).toBe(root);
  });
});

describe("inclusion", () => {
  for (const c of vectors("inclusion").cases)
    it(c.name, () => {
      const act = () => verifyInclusion(raw(c.leaf_hash), BigInt(c.index), BigInt(c.size), c.proof.map(raw), raw(c.root));
      if (c.valid) act();
      else expect(act).toThrow(VerificationError);
    });
});

describe("consistency", () => {
  for (const c of vectors("consistency").cases)
    it(c.name, () => {
      const act = () => verifyConsistency(BigInt(c.old), BigInt(c.new), c.proof.map(raw), raw(c.old_root), raw(c.new_root));
      if (c.valid) act();
      else expect(act).toThrow(VerificationError);
    });
});

describe("note", () => {
  for (const c of vectors("note").cases)
    it(c.name, async () => {
      const data = raw(c.note);
      const keys = c.keys.map(parseVerifierKey);
      expect(
        await nameOf(() =>
          openNote(parseNote(data), keys).then((found) => {
            expect(found.map((one) => one.key.name)).toEqual(c.verified);
            expect(sameBytes(formatNote(parseNote(data)), data)).toBe(true);
          }),
        ),
      ).toBe(c.error ?? null);
    });
});

it("reads verifier keys", async () => {
  for (const c of vectors("vkey").cases) {
    expect(await nameOf(() => parseVerifierKey(c.text))).toBe(c.error);
    if (!c.error) expect(formatVerifierKey(parseVerifierKey(c.text))).toBe(c.text);
  }
});

describe("cosignature", () => {
  for (const c of vectors("cosignature").cases)
    it(c.name, async () => {
      const act = () => openNote(parseNote(utf8(c.note)), [parseVerifierKey(c.vkey)]);
      if (!c.valid) return expect(await nameOf(act)).toBe("BadSignatureError");
      const [found] = await act();
      expect(found!.time).toBe(BigInt(c.time));
    });
});

it("verifies with the library where the browser has no Ed25519", () => {
  const c = vectors("cosignature").cases[0];
  const note = parseNote(utf8(c.note));
  const key = parseVerifierKey(c.vkey);
  const line = note.signatures.find((one) => one.name === key.name)!.signature;
  const message = utf8(`cosignature/v1\ntime ${c.time}\n${note.text}`);
  expect(verifyWithLibrary(key.publicKey, message, line.slice(8))).toBe(true);
  expect(verifyWithLibrary(key.publicKey, utf8("else"), line.slice(8))).toBe(false);
  expect(verifyWithLibrary(key.publicKey.slice(1), message, line.slice(8))).toBe(false);
});

it("reads checkpoints", async () => {
  for (const c of vectors("checkpoint").cases) {
    expect([c.name, await nameOf(() => parseTreeHead(c.text))]).toEqual([c.name, c.error]);
    if (!c.error) expect(formatTreeHead(parseTreeHead(c.text))).toBe(c.text);
  }
});

it("reads tile paths", () => {
  const v = vectors("tile-path");
  for (const c of v.valid) {
    const tile = { level: c.level, index: BigInt(c.index), width: c.width };
    expect(tilePath(tile)).toBe(c.path);
    expect(parseTilePath(c.path)).toEqual(tile);
  }
  for (const path of v.invalid) expect(() => parseTilePath(path), path).toThrow(errors.TilePathError);
});

it("reads entry bundles", async () => {
  for (const c of vectors("bundle").cases) {
    expect(await nameOf(() => parseBundle(fromHex(c.bundle), c.width))).toBe(c.error);
    if (!c.error) expect(parseBundle(fromHex(c.bundle), c.width).map(toHex)).toEqual(c.entries);
  }
});

describe("policy", () => {
  for (const c of vectors("policy").cases)
    it(c.name, async () => {
      expect(await nameOf(() => parsePolicy(utf8(c.text)))).toBe(c.error);
      if (c.error) return;
      const policy = parsePolicy(utf8(c.text));
      for (const [names, complete] of c.quorums) {
        const keys = policy.witnesses.filter((entry) => names.includes(entry.name)).map((entry) => entry.key);
        expect(policy.complete(keys)).toBe(complete);
      }
    });
});

describe("proof file", () => {
  const v = vectors("proof-file");
  const policy = parsePolicy(utf8(v.policy));
  for (const c of v.cases)
    it(c.name, async () => {
      const data = utf8(c.proof);
      expect(await nameOf(() => verifyProofFile(parseProofFile(data), utf8(c.entry), policy))).toBe(c.error);
      if (!c.error) expect(text(formatProofFile(parseProofFile(data)))).toBe(c.proof);
    });
});

const log = vectors("log");
const policy = parsePolicy(utf8(log.policy));
function served(checkpoint: string, changed: Record<string, Uint8Array> = {}): FetchBytes {
  return async (path) => {
    if (path === "checkpoint") return utf8(checkpoint);
    if (changed[path]) return changed[path];
    if (!(path in log.files)) throw new ResourceMissingError(path);
    return raw(log.files[path]);
  };
}

describe("a whole log", () => {
  it("grows, and every step is told", async () => {
    let seen: Uint8Array | undefined;
    for (const size of ["0", "1", "100", "256", "300"]) {
      const steps: Step[] = [];
      const entries: Uint8Array[] = [];
      const wishes = { seen, leaves: size === "300" ? [0, 299] : [], onEntry: (entry: Uint8Array) => void entries.push(entry) };
      const { checkpoint } = await verifyLog(served(log.checkpoints[size]), policy, (step) => void steps.push(step), wishes);
      expect(entries.length).toBe(Number(size));
      expect(checkpoint.publicSince).toBe(log.public_since[size] ?? checkpoint.publicSince);
      expect(
        steps
          .filter((step) => step.state !== "running")
          .map((step) => step.name)
          .slice(0, 3),
      ).toEqual(["checkpoint", "quorum", "consistency"]);
      if (size === "300") expect([text(entries[0]!), text(entries[299]!)]).toEqual(log.entries);
      seen = checkpoint.note;
    }
  });

  it("notices a fork and a rollback", async () => {
    const seen = utf8(log.checkpoints["300"]);
    expect(await nameOf(() => verifyLog(served(log.fork.checkpoint), policy, undefined, { seen }))).toBe("ForkError");
    expect(await nameOf(() => verifyLog(served(log.checkpoints["256"]), policy, undefined, { seen }))).toBe("RollbackError");
  });

  it.each(["tile/0/001.p/44", "tile/1/000.p/1", "tile/entries/000", "tile/entries/001.p/44"])(
    "notices one changed bit in %s",
    async (path) => {
      const data = raw(log.files[path]);
      data[data.length - 1]! ^= 1;
      const act = () => verifyLog(served(log.checkpoints["300"], { [path]: data }), policy, undefined, { onEntry: () => {} });
      expect(await nameOf(act)).toBe("TileMismatchError");
    },
  );

  it("refuses a checkpoint without its quorum", async () => {
    const lines = log.checkpoints["300"].split("\n");
    expect(await nameOf(() => verifyCheckpoint(utf8(lines.slice(0, -2).join("\n") + "\n"), policy))).toBe("QuorumError");
  });
});

it("verifies a log that another implementation wrote", async () => {
  const v = vectors("log-tessera");
  const other = parsePolicy(utf8(`log ${v.vkey}\nquorum none\n`));
  let seen: Uint8Array | undefined;
  for (let size = 0; size <= 15; size++) {
    const fetchBytes: FetchBytes = async (path) => {
      const name = path === "checkpoint" ? `checkpoint.${size}` : path;
      if (!(name in v.files)) throw new ResourceMissingError(path);
      return raw(v.files[name]);
    };
    const entries: string[] = [];
    const wishes = { seen, leaves: [...Array(size).keys()], onEntry: (entry: Uint8Array) => void entries.push(text(entry)) };
    seen = (await verifyLog(fetchBytes, other, undefined, wishes)).checkpoint.note;
    expect(entries).toEqual(v.entries.slice(0, size));
  }
});

it("reads canonical base64 alone", () => {
  for (const bad of ["", "AA", "AB==", "AA==\n", " AA==", "A===", "_w=="])
    expect(() => parseBase64(bad), bad).toThrow(errors.Base64Error);
});
