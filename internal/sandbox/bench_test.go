package sandbox

import (
	"fmt"
	"testing"
)

func BenchmarkOpen(b *testing.B) {
	for b.Loop() {
		s, err := Open(Options{})
		if err != nil {
			b.Fatal(err)
		}
		s.Close()
	}
}

// A page is read with a handful of queries however long it is, and quickly.
func BenchmarkLongList(b *testing.B) {
	bench := open(b, Options{})
	for i := range 940 {
		bench.ok("POST", "/contacts/new", m{"email": fmt.Sprintf("b%d@acme.example", i)})
	}
	for b.Loop() {
		bench.send("GET", "/contacts?limit=1000", nil)
	}
}
