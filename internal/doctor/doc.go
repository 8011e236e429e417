// Package doctor finds out what is wrong between this program and a workspace: the
// settings, the way to Flexie, the key, what its user may do, what is kept on this
// machine, and which guesses of docs/assumptions.md hold.
//
// It reads, and changes nothing unless it is told to make its write test. What it
// finds is a Report, which holds nothing private unless asked: it is meant to be
// pasted into an issue. It knows nothing of MCP.
//
//	checks.go       the checks, and which needs which
//	assumptions.go  the guesses that a read can test
//	writetest.go    one record made, changed and deleted
//	private.go      what is left out of a report
package doctor
