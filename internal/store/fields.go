// Package store keeps what the program has learnt, on disk or in a database that
// several machines share. What can't be kept, or can't be read any more, is
// learnt again: that never fails a call. The database is also that of the journal
// and of the key of confirmation codes, which know it by its methods only.
package store

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"flexie-mcp/flexie"
)

// maxFile is the most of a file that is read or written, in bytes.
const maxFile = 16 << 20

// format is that of what is kept. What has another is not read.
const format = 1

// Fields keeps the fields of one workspace as one caller sees them: two callers
// may see different ones. It is a flexie.FieldStore, safe for concurrent use.
// Where two processes write at once the file is one's or the other's, and never
// a mix of both.
type Fields struct {
	path   string // "" keeps nothing
	log    *slog.Logger
	warned sync.Once
	mu     sync.Mutex
}

// content is what a file holds.
type content struct {
	Version int                          `json:"version"`
	Kept    map[string]flexie.KeptFields `json:"kept"`
}

// FieldsOf is the store of a caller, named by what tells them apart from all
// others (an API key), at the API root of a workspace. It makes nothing yet.
func FieldsOf(dir, root, caller string, log *slog.Logger) *Fields {
	f := &Fields{log: log}
	if dir != "" {
		f.path = filepath.Join(dir, "fields-"+name(root, caller)+".json")
	}
	return f
}

// name tells files apart without telling what they are of: a key can't be read
// back from it.
func name(root, caller string) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "flexie-mcp fields\n%q\n%q", root, caller))
	return hex.EncodeToString(sum[:16])
}

// Load reads what was kept; nothing, where that is damaged, of another version
// or not there.
func (f *Fields) Load() map[string]flexie.KeptFields {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.read()
}

func (f *Fields) read() map[string]flexie.KeptFields {
	var c content
	data, err := readFile(f.path)
	if err != nil || json.Unmarshal(data, &c) != nil || c.Version != format || c.Kept == nil {
		return map[string]flexie.KeptFields{}
	}
	for key, kept := range c.Kept {
		if !sound(kept) {
			delete(c.Kept, key)
		}
	}
	return c.Kept
}

// sound tells whether each field has a name to call it by.
func sound(kept flexie.KeptFields) bool {
	return !slices.ContainsFunc(kept.Fields, func(f flexie.Field) bool { return f.Alias == "" })
}

// readFile reads a file of ours. A pipe or a device in its place would never
// end.
func readFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular() || info.Size() > maxFile:
		return nil, errors.New("this is no file of ours")
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return io.ReadAll(io.LimitReader(file, maxFile))
}

// Save adds to what is kept. What another process has kept meanwhile stays.
func (f *Fields) Save(key string, kept flexie.KeptFields) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.add(key, kept); err != nil {
		f.warned.Do(func() {
			f.log.Warn("what is learnt of the workspace can't be kept for the next start", "reason", err)
		})
	}
}

func (f *Fields) add(key string, kept flexie.KeptFields) error {
	if f.path == "" {
		return errors.New("there is no directory for it: set state_dir")
	}
	all := f.read()
	all[key] = kept
	data, err := json.Marshal(content{format, all})
	if err != nil {
		return err
	}
	if len(data) > maxFile {
		return errors.New("it is too much")
	}
	return replace(f.path, data)
}

// replace writes a file that is, whatever happens meanwhile, the old one or the
// new one. Only its owner can read it.
func replace(path string, data []byte) error {
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	temp, err := os.CreateTemp(dir, filepath.Base(path)+".*.tmp")
	if err != nil {
		return err
	}
	_, err = temp.Write(data)
	if err = errors.Join(err, temp.Close()); err == nil {
		err = os.Rename(temp.Name(), path)
	}
	if err != nil {
		os.Remove(temp.Name())
	}
	return err
}
