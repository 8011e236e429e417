package auth

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestPublicAddresses: whatever leads inside is none, in whatever form.
func TestPublicAddresses(t *testing.T) {
	for _, text := range []string{
		"1.1.1.1", "34.117.59.81", "172.15.255.255", "172.32.0.0", "100.63.255.255", "100.128.0.0", "223.255.255.255", "168.63.129.15", "192.0.1.0", "198.20.0.0",
		"2606:4700::6810:85e5", "2a00:1450:4001::1", "2001:4860:4860::8888", "3fff:1000::1", "::ffff:1.1.1.1", "64:ff9b::1.1.1.1",
	} {
		require.True(t, isPublic(netip.MustParseAddr(text)), text)
	}
	for _, text := range []string{
		"0.0.0.0", "0.1.2.3", "10.0.0.1", "10.255.255.255", "100.64.0.1", "100.100.100.200", "100.127.255.255", "127.0.0.1", "127.255.255.254",
		"168.63.129.16", "169.254.169.254", "169.254.170.2", "172.16.0.1", "172.31.255.255", "192.0.0.192", "192.0.2.1", "192.88.99.1",
		"192.168.0.1", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
		"::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::ffff:0:127.0.0.1", "64:ff9b::127.0.0.1", "64:ff9b::10.0.0.1",
		"64:ff9b::169.254.169.254", "64:ff9b:1::1.1.1.1", "100::1", "fc00::1", "fd00:ec2::254", "fd20:ce::254", "fe80::1", "fe80::1%eth0", "2606:4700::1%eth0",
		"fec0::1", "ff02::1", "2001::1", "2001:0:7f00:1::", "2001:20::1", "2001:db8::1", "2002:7f00:1::", "2002:a00:1::1", "3fff::1", "4000::1",
	} {
		require.False(t, isPublic(netip.MustParseAddr(text)), text)
	}
	require.False(t, isPublic(netip.Addr{}))
}

// TestWhatIsAboutToBeConnectedTo is an address and a port of TCP.
func TestWhatIsAboutToBeConnectedTo(t *testing.T) {
	require.NoError(t, refusePrivate("tcp4", "1.1.1.1:443", nil))
	require.NoError(t, refusePrivate("tcp6", "[2606:4700::1]:443", nil))
	for _, to := range [][2]string{
		{"tcp4", "127.0.0.1:443"}, {"tcp6", "[::ffff:10.0.0.1]:443"}, {"tcp6", "[fe80::1%lo]:443"}, {"tcp4", "acme.flexie.io:443"}, {"tcp4", "1.1.1.1"},
		{"udp4", "1.1.1.1:443"}, {"unix", "/run/docker.sock"}, {"tcp4", ""},
	} {
		err := refusePrivate(to[0], to[1], nil)
		require.ErrorContains(t, err, "not a public one")
		require.NotRegexp(t, `\d`, err.Error(), "it does not say which")
	}
}
