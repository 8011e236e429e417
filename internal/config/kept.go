package config

// WithKey are the settings where a key that was kept earlier takes the place of one
// that is set: that of the workspace at that API root.
func (s Settings) WithKey(root, key string) Settings {
	if s.Root() == "" {
		s.BaseURL = root
	}
	s.key = key
	return s
}
