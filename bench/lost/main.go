// Lost asks for records in a made-up workspace that never lets an answer to a
// write through, and counts what became of each: whether what was told of it is
// so, and whether in the end there is just one of all that was asked for.
//
//	go run ./bench/lost -n 1000 -seed 1
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
)

func main() {
	n := flag.Int("n", 1000, "how many records to ask for")
	seed := flag.Uint64("seed", 1, "of what goes wrong")
	lanes := flag.Int("lanes", 4, "how many workspaces to do so in at the same time")
	flag.Parse()
	sum, err := run(context.Background(), *n, *lanes, *seed)
	if err != nil {
		fmt.Fprintln(os.Stderr, "lost:", err)
		os.Exit(1)
	}
	fmt.Print(sum)
	if !sum.flawless() {
		os.Exit(1)
	}
}
