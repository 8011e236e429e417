package config

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPublicURL(t *testing.T) {
	for given, want := range map[string]string{
		"": "", "https://mcp.example.com": "https://mcp.example.com", "https://MCP.Example.com:8443/": "https://mcp.example.com:8443", "http://localhost:8080": "http://localhost:8080",
	} {
		require.Equal(t, want, load(t, []string{"FLEXIE_PUBLIC_URL=" + given}).PublicURL)
	}
	for given, says := range map[string]string{
		"mcp.example.com": "the whole address goes here", "http://mcp.example.com": "plain http is refused", "https://mcp.example.com/mcp": "ends after the host",
		"https://u:s3cr3t-Zq9XvK@mcp.example.com": "no user name", "https://mcp.example.com?s3cr3t-Zq9XvK": "no user name", "https://": "the whole address", "https://a b": "not an address",
		"https://mcp.example.com:99999": "the port is a number from 1 to 65535",
	} {
		_, err := Load(nil, []string{"FLEXIE_PUBLIC_URL=" + given})
		require.ErrorContains(t, err, says)
		hides(t, err.Error())
	}
}

func TestOneEncryptionKey(t *testing.T) {
	_, err := Load(nil, []string{"FLEXIE_ENCRYPTION_KEY=" + secret, "FLEXIE_ENCRYPTION_KEY_FILE=x"})
	require.ErrorContains(t, err, "keep one")
	hides(t, err.Error())
}
