package auth

import "net/netip"

// notPublic are the addresses that lead to this machine, to its own network, to
// a cloud's service for its machines, or to nowhere: those that the IANA's
// registries of special addresses say are not globally reachable, and more.
var notPublic = prefixes(
	"0.0.0.0/8",        // this network; 0.0.0.0 is this machine
	"10.0.0.0/8",       // private
	"100.64.0.0/10",    // of carriers (CGNAT); clouds have metadata here too
	"127.0.0.0/8",      // loopback
	"168.63.129.16/32", // of Azure, to its machines: a public address by its looks
	"169.254.0.0/16",   // link-local, and most clouds' metadata
	"172.16.0.0/12",    // private
	"192.0.0.0/24",     // of protocols; Oracle's metadata
	"192.0.2.0/24",     // for examples
	"192.88.99.0/24",   // 6to4 relays
	"192.168.0.0/16",   // private
	"198.18.0.0/15",    // for benchmarks
	"198.51.100.0/24",  // for examples
	"203.0.113.0/24",   // for examples
	"224.0.0.0/4",      // multicast
	"240.0.0.0/4",      // reserved, and broadcast

	"2001::/23",     // of protocols: Teredo, which holds an address of IPv4, and others
	"2001:db8::/32", // for examples
	"2002::/16",     // 6to4, which holds an address of IPv4
	"3fff::/20",     // for examples
)

var (
	// unicast is where all public addresses of IPv6 are. Outside it are loopback,
	// unique-local (where clouds have metadata too), link-local and multicast.
	unicast = netip.MustParsePrefix("2000::/3")

	// nat64 are addresses of IPv4 as a network without it reaches them, in the last
	// four bytes. Other prefixes for it are a network's own, and can't be known.
	nat64 = netip.MustParsePrefix("64:ff9b::/96")
)

// isPublic reports whether an address is one that anybody could reach.
func isPublic(at netip.Addr) bool {
	if at = at.Unmap(); at.Is6() && nat64.Contains(at) {
		bytes := at.As16()
		at = netip.AddrFrom4([4]byte(bytes[12:]))
	}
	if at.Zone() != "" || at.Is6() && !unicast.Contains(at) {
		return false
	}
	for _, p := range notPublic {
		if p.Contains(at) {
			return false
		}
	}
	return at.IsValid()
}

func prefixes(texts ...string) (all []netip.Prefix) {
	for _, text := range texts {
		all = append(all, netip.MustParsePrefix(text))
	}
	return all
}
