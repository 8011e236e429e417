package cli

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// writeTable lines up rows of cells, the first of which is the header,
// over a last line, if there is one. It is one write, so that "| head -1"
// breaks no pipe.
func writeTable(to io.Writer, rows [][]string, last string) {
	var b bytes.Buffer
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		fmt.Fprintln(w, strings.Join(row, "\t"))
	}
	w.Flush()
	switch {
	case last != "" && len(rows) > 0:
		fmt.Fprintf(&b, "\n%s\n", last)
	case last != "":
		fmt.Fprintln(&b, last)
	}
	_, _ = b.WriteTo(to)
}
