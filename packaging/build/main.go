// Build lays out what a release has besides goreleaser's own files: the bundle for
// Claude Desktop, the packages for npm, and server.json. packaging/bundle runs it.
package main

import (
	"crypto/sha256"
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"flexie-mcp/packaging"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "packaging/build: "+err.Error())
		os.Exit(1)
	}
}

func run() error {
	l := packaging.Layout{Source: "."}
	flag.StringVar(&l.Version, "version", packaging.Unreleased.Version, "the `version`, without a v")
	flag.StringVar(&l.Owner, "owner", packaging.Unreleased.Owner, "the GitHub `account` that publishes it")
	flag.StringVar(&l.Programs, "programs", "dist", "the `folder` that goreleaser has built them in")
	flag.StringVar(&l.To, "to", "dist/packages", "the `folder` to lay out in")
	only := flag.String("only", "", "take only these `platforms`, like linux/amd64, for a try")
	bundle := flag.String("bundle", "", "write server.json for this packed `file`, and nothing else")
	flag.Parse()
	if flag.NArg() > 0 {
		return fmt.Errorf("there are no arguments, only flags, and it got %q", flag.Arg(0))
	}
	if *bundle != "" {
		return writeServerJSON(l, *bundle)
	}
	if *only != "" {
		l.Only = strings.Split(*only, ",")
	}
	return l.Lay()
}

func writeServerJSON(l packaging.Layout, bundle string) error {
	packed, err := os.ReadFile(bundle)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(packed)
	text, err := l.ServerJSON(hex.EncodeToString(sum[:]))
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(l.To, "server.json"), text, 0o644)
}
