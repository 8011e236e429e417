// Package setup is what flexie-mcp init works with: what people type for their
// workspace and paste for a key, and the file of the settings, which is changed in
// place. It asks nobody anything, and sends nothing.
package setup
