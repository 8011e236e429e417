package tools

// Aliases are old names of tools, each with the name it has now. People's
// settings, prompts and approval rules go on using the old ones.
type Aliases map[string]string

// Renamed are the tools that have been renamed: none yet.
var Renamed = Aliases{}

// Resolve is the name that a tool has now.
func (a Aliases) Resolve(name string) string {
	if now, renamed := a[name]; renamed {
		return now
	}
	return name
}

func (a Aliases) resolveAll(names []string) []string {
	var now []string
	for _, name := range names {
		now = append(now, a.Resolve(name))
	}
	return now
}
