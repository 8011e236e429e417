package clients

// With is the text of a client with a server in it.
func With(c Client, text []byte, s Server) ([]byte, error) { return c.with(text, s) }

// Without is that less the entry; was may be nil.
func Without(c Client, text []byte, name string, was []byte) ([]byte, bool, error) {
	return c.without(text, name, was)
}

// HideSecrets is what a diff does.
func HideSecrets(text string) string { return hideSecrets(text) }
