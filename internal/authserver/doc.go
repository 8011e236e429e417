// Package authserver lets people sign in, so that their assistants may use this
// server as them. It is the authorization server that MCP's authorization asks
// for: an assistant finds it by the metadata of the server it wants to use, has
// its person asked in a browser, and gets tokens that are for this server alone.
// It knows OAuth, pages and what is kept of them; it knows nothing of MCP. To Flexie
// it is a client, by internal/oauth: people sign in there, or paste a key.
//
// The library is zitadel/oidc: maintained, certified, and at work in a server of
// its makers. It parses and authenticates what comes to the endpoints for tokens,
// revocation and introspection, writes their errors, checks the assertions that
// clients sign, and builds answers that go by a redirect. Its interface op.Server
// leaves what is issued and kept to us, which is what is particular here. The
// other library made for this, ory/fosite, has had no release since 2024, and
// would add eleven megabytes to the program where this one adds two. Neither knows
// metadata of protected resources, registration, client metadata documents,
// resource indicators or issuers in answers: these are here. So is the endpoint
// where an authorization begins, since the library's lets PKCE be left out or
// plain, takes one loopback host for another, and shows people errors as JSON.
package authserver
