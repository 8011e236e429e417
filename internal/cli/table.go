package cli

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// writeTable lines up rows of cells, the first of which is the header.
func writeTable(to io.Writer, rows [][]string) error {
	w := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		fmt.Fprintln(w, strings.Join(row, "\t"))
	}
	return w.Flush()
}
