package auth

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
)

// maxTokens is the most of a tokens file that is read, in bytes: thousands.
const maxTokens = 1 << 20

const tokensHeader = `# The tokens of flexie-mcp http. The tokens themselves are not in here, and
# neither are the Flexie keys. "flexie-mcp token new|list|revoke" writes this
# file anew: what is changed by hand stays, but comments are lost.

`

// missing is the error of a tokens file that is not there, which fs.ErrNotExist
// is too.
type missing string

func (m missing) Error() string {
	return "there is no tokens file " + string(m) + ": flexie-mcp token new makes it"
}

func (missing) Is(target error) bool { return target == fs.ErrNotExist }

// tokensFile is what the file holds.
type tokensFile struct {
	Token []Token `toml:"token"`
}

// ReadTokens reads a tokens file. Its errors say where in it what is wrong.
func ReadTokens(path string) ([]Token, error) {
	tokens, _, err := readTokens(path)
	return tokens, err
}

func readTokens(path string) ([]Token, fs.FileMode, error) {
	content, mode, err := readFile(path, maxTokens)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, missing(path)
	}
	if err != nil {
		return nil, 0, err
	}
	var file tokensFile
	decoder := toml.NewDecoder(bytes.NewReader(bytes.TrimPrefix(content, []byte("\ufeff")))).DisallowUnknownFields()
	if err := decoder.Decode(&file); err != nil {
		return nil, 0, fmt.Errorf("%s%s", path, tomlProblem(err))
	}
	if problems := together(file.Token); len(problems) > 0 {
		return nil, 0, fmt.Errorf("%s is not right: %s", path, strings.Join(problems, "; "))
	}
	return file.Token, mode, nil
}

// tomlProblem is ":LINE:COLUMN: what is wrong".
func tomlProblem(err error) string {
	var unknown *toml.StrictMissingError
	if errors.As(err, &unknown) && len(unknown.Errors) > 0 {
		first := unknown.Errors[0]
		line, column := first.Position()
		return fmt.Sprintf(":%d:%d: a token has no %q; each is a [[token]] with id, name, hash, subdomain or base_url, key_env or key_file, toolsets, tools, read_only, created, expires",
			line, column, strings.Join(first.Key(), "."))
	}
	var wrong *toml.DecodeError
	if errors.As(err, &wrong) {
		line, column := wrong.Position()
		return fmt.Sprintf(":%d:%d: %s", line, column, strings.TrimPrefix(wrong.Error(), "toml: "))
	}
	return ": " + strings.TrimPrefix(err.Error(), "toml: ")
}

// together is all that is wrong with tokens, each by itself and among them: two
// that are known by the same word could not be told apart.
func together(tokens []Token) (problems []string) {
	used := map[string]bool{}
	for i, t := range tokens {
		of := fmt.Sprintf("token %d (%q)", i+1, short(t.Name))
		for _, p := range t.Problems() {
			problems = append(problems, fmt.Sprintf("%s: %s: %s", of, p.Key, p.Text))
		}
		if t.ID == "" || strings.ContainsFunc(t.ID, unprintable) {
			problems = append(problems, of+" has no id, which is any word")
		}
		if _, ok := readHash(t.Hash); !ok {
			problems = append(problems, of+" has no hash, which is sha256: and 64 hex digits, and which only flexie-mcp token new can make")
		}
		for _, word := range slices.Compact([]string{t.ID, t.Name, strings.ToLower(t.Hash)}) {
			if used[word] {
				problems = append(problems, of+" has the id, name or hash of another")
			}
			used[word] = true
		}
	}
	return problems
}

// encodeTokens is the file that holds the tokens.
func encodeTokens(tokens []Token) ([]byte, error) {
	body, err := toml.Marshal(tokensFile{tokens})
	return append([]byte(tokensHeader), body...), err
}
