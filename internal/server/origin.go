package server

import (
	"net/url"

	"flexie-mcp/flexie"
)

func isLocalOrigin(origin string) bool {
	u, err := url.Parse(origin)
	return err == nil && flexie.IsLoopback(u.Hostname())
}
