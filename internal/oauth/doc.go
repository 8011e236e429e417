// Package oauth signs a person in to Flexie and keeps what that gave: this program
// is Flexie's OAuth client. It knows Flexie's two addresses for it, what an answer
// may look like, where tokens are kept, and how they are renewed without one being
// lost. It knows nothing of MCP, nor of those who sign in to this program.
//
//	Client   one program at one workspace: begins a sign-in, and turns codes into tokens
//	Listener hears the browser come back, on this machine
//	Logins   what is kept of the sign-ins of this machine's user
//	Source   the flexie.Auth of a sign-in, which renews its tokens
//	Keeper   where those are kept: of a login, by Logins
package oauth
