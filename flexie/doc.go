// Package flexie is a client of Flexie CRM's REST API.
//
// It knows HTTP and Flexie, and nothing of MCP: endpoints.go says what there
// is, client.go makes every request, shape.go reads every answer, and one file
// a group holds what can be done with it.
//
// Flexie publishes its paths and request bodies but not its answers. What is
// guessed is marked "Assumption:" with the name of its row in
// docs/assumptions.md.
package flexie
