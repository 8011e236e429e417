// Package docs holds the documents that the program itself reads.
package docs

import _ "embed" // the document below

// Assumptions is assumptions.md: a table of what is guessed of Flexie, a row each.
//
//go:embed assumptions.md
var Assumptions string
