package sandbox

import "testing"

func BenchmarkOpen(b *testing.B) {
	for b.Loop() {
		s, err := Open(Options{})
		if err != nil {
			b.Fatal(err)
		}
		s.Close()
	}
}
