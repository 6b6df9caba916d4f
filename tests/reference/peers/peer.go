// Peer reads and writes tlog-tiles logs with Go's own packages (golang.org/x/mod/sumdb/note and tlog).
//
//	peer verify DIR LOGKEY [WITNESSKEY ...]   entries, inclusion proofs (2,000 at most), consistency with DIR/older/*
//	peer write  DIR ORIGIN ENTRIES STEP       a log of that many entries, signed at every STEP entries
//
// What it found is one JSON object on standard output; anything that does not hold ends it with status 1.
package main

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

func main() {
	log.SetFlags(0)
	var found map[string]interface{}
	if len(os.Args) >= 4 && os.Args[1] == "verify" {
		found = verify(os.Args[2], os.Args[3], os.Args[4:])
	} else if len(os.Args) == 6 && os.Args[1] == "write" {
		found = write(os.Args[2], os.Args[3], number(os.Args[4]), number(os.Args[5]))
	} else {
		log.Fatal("usage: peer verify DIR LOGKEY [WITNESSKEY ...] | peer write DIR ORIGIN ENTRIES STEP")
	}
	must(json.NewEncoder(os.Stdout).Encode(found))
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func number(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	must(err)
	return n
}

// path is where tlog-tiles serves a tile; Go's own paths name the height as well.
func path(t tlog.Tile) string {
	if t.L == -1 {
		t.L = 0
		return strings.Replace(t.Path(), "tile/8/0/", "tile/entries/", 1)
	}
	return strings.Replace(t.Path(), "tile/8/", "tile/", 1)
}

// folder serves tiles; tlog.TileHashReader proves each against the root before it is used.
type folder string

func (f folder) Height() int                         { return height }
func (f folder) SaveTiles(_ []tlog.Tile, _ [][]byte) {}
func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, t := range tiles {
		data, err := os.ReadFile(filepath.Join(string(f), path(t)))
		if err != nil {
			full := t
			full.W = 1 << height
			data, err = os.ReadFile(filepath.Join(string(f), path(full)))
			if err != nil {
				return nil, err
			}
			data = data[:t.W*tlog.HashSize]
		}
		all = append(all, data)
	}
	return all, nil
}

// cosigner verifies cosignature/v1, which Go's note does not know.
type cosigner struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func (c cosigner) Name() string    { return c.name }
func (c cosigner) KeyHash() uint32 { return c.hash }
func (c cosigner) Verify(msg, sig []byte) bool {
	if len(sig) != 8+ed25519.SignatureSize {
		return false
	}
	head := fmt.Sprintf("cosignature/v1\ntime %d\n", binary.BigEndian.Uint64(sig[:8]))
	return ed25519.Verify(c.key, append([]byte(head), msg...), sig[8:])
}

func newCosigner(vkey string) note.Verifier {
	parts := strings.SplitN(vkey, "+", 3)
	hash, err := strconv.ParseUint(parts[1], 16, 32)
	must(err)
	data, err := base64.StdEncoding.DecodeString(parts[2])
	must(err)
	if data[0] != 4 {
		log.Fatal("not a cosigner's key")
	}
	return cosigner{parts[0], uint32(hash), data[1:]}
}

type head struct {
	tree tlog.Tree
	sigs int
}

func open(file string, verifiers note.Verifiers, origin string) head {
	data, err := os.ReadFile(file)
	must(err)
	n, err := note.Open(data, verifiers)
	must(err)
	lines := strings.Split(n.Text, "\n")
	if len(lines) != 4 || lines[0] != origin {
		log.Fatalf("%s is no checkpoint of %s", file, origin)
	}
	root, err := tlog.ParseHash(lines[2])
	must(err)
	return head{tlog.Tree{N: number(lines[1]), Hash: root}, len(n.Sigs)}
}

func entries(dir string, tree tlog.Tree) [][]byte {
	var all [][]byte
	for n := int64(0); n<<height < tree.N; n++ {
		width := tree.N - n<<height
		if width > 1<<height {
			width = 1 << height
		}
		data, err := os.ReadFile(filepath.Join(dir, path(tlog.Tile{H: height, L: -1, N: n, W: int(width)})))
		must(err)
		for len(data) > 0 {
			end := 2 + int(binary.BigEndian.Uint16(data))
			all = append(all, data[2:end])
			data = data[end:]
		}
	}
	return all
}

func verify(dir, logKey string, witnessKeys []string) map[string]interface{} {
	key, err := note.NewVerifier(logKey)
	must(err)
	trusted := []note.Verifier{key}
	for _, one := range witnessKeys {
		trusted = append(trusted, newCosigner(one))
	}
	verifiers := note.VerifierList(trusted...)
	last := open(filepath.Join(dir, "checkpoint"), verifiers, key.Name())
	hashes := tlog.TileHashReader(last.tree, folder(dir))

	all := entries(dir, last.tree)
	if int64(len(all)) != last.tree.N {
		log.Fatalf("%d entries for a tree of %d", len(all), last.tree.N)
	}
	checked := 0
	for i := 0; i < len(all); i += 1 + len(all)/2000 {
		proof, err := tlog.ProveRecord(last.tree.N, int64(i), hashes)
		must(err)
		must(tlog.CheckRecord(proof, last.tree.N, last.tree.Hash, int64(i), tlog.RecordHash(all[i])))
		checked++
	}
	older, err := filepath.Glob(filepath.Join(dir, "older", "*"))
	must(err)
	for _, file := range older {
		old := open(file, verifiers, key.Name())
		proof, err := tlog.ProveTree(last.tree.N, old.tree.N, hashes)
		must(err)
		must(tlog.CheckTree(proof, last.tree.N, last.tree.Hash, old.tree.N, old.tree.Hash))
	}
	return map[string]interface{}{
		"size": last.tree.N, "signatures": last.sigs, "inclusions": checked, "consistencies": len(older),
	}
}

func save(dir, name string, data []byte) {
	file := filepath.Join(dir, name)
	must(os.MkdirAll(filepath.Dir(file), 0o755))
	must(os.WriteFile(file, data, 0o644))
}

func write(dir, origin string, count, step int64) map[string]interface{} {
	secret, public, err := note.GenerateKey(nil, origin)
	must(err)
	signer, err := note.NewSigner(secret)
	must(err)
	var stored []tlog.Hash
	hashes := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		var some []tlog.Hash
		for _, i := range indexes {
			some = append(some, stored[i])
		}
		return some, nil
	})
	var bundle bytes.Buffer
	for n := int64(0); n < count; n++ {
		entry := []byte(fmt.Sprintf("entry %d", n))
		more, err := tlog.StoredHashes(n, entry, hashes)
		must(err)
		stored = append(stored, more...)
		must(binary.Write(&bundle, binary.BigEndian, uint16(len(entry))))
		bundle.Write(entry)
		size := n + 1
		if size%(1<<height) == 0 || size%step == 0 || size == count {
			width := int(n%(1<<height)) + 1
			save(dir, path(tlog.Tile{H: height, L: -1, N: n >> height, W: width}), bundle.Bytes())
		}
		if size%(1<<height) == 0 {
			bundle.Reset()
		}
		if size%step != 0 && size != count {
			continue
		}
		for _, t := range tlog.NewTiles(height, (n/step)*step, size) {
			data, err := tlog.ReadTileData(t, hashes)
			must(err)
			save(dir, path(t), data)
		}
		root, err := tlog.TreeHash(size, hashes)
		must(err)
		signed, err := note.Sign(&note.Note{Text: fmt.Sprintf("%s\n%d\n%s\n", origin, size, root)}, signer)
		must(err)
		save(dir, "checkpoint", signed)
		save(dir, fmt.Sprintf("older/%d", size), signed)
	}
	return map[string]interface{}{"size": count, "key": public}
}
