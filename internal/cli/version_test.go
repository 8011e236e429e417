package cli

import (
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheVersionIsTheBestThatIsKnown(t *testing.T) {
	const commit = "aa384f60c9d8ffb1e5c2a0b7d7d2f3c1e0a9b8c7"
	commits := []debug.BuildSetting{
		{Key: "vcs.revision", Value: commit}, {Key: "vcs.time", Value: "2026-11-24T16:00:00Z"}, {Key: "vcs.modified", Value: "true"},
	}
	for name, c := range map[string]struct {
		release, module string
		settings        []debug.BuildSetting
		want            string
	}{
		"a release":               {"1.2.3", "(devel)", commits, "1.2.3"},
		"a commit":                {"", "v0.0.0-20261124160000-aa384f60c9d8+dirty", commits, "dev-aa384f60c9d8"},
		"installed as a module":   {"", "v1.2.3", nil, "1.2.3"},
		"built of files alone":    {"", "(devel)", nil, "dev"},
		"without any information": {"", "", nil, "dev"},
	} {
		t.Run(name, func(t *testing.T) {
			b := buildOf(build{Version: c.release}, &debug.BuildInfo{Main: debug.Module{Path: "flexie-mcp", Version: c.module}, Settings: c.settings})
			require.Equal(t, c.want, b.Version)
			if c.settings != nil {
				require.Equal(t, build{
					Version: c.want, Commit: commit, Date: "2026-11-24T16:00:00Z", Changed: true,
					Go: b.Go, OS: b.OS, Arch: b.Arch, Module: "flexie-mcp",
				}, b)
			}
		})
	}
}

func TestABuildWithoutGitKnowsWhatWasStamped(t *testing.T) {
	b := buildOf(build{Version: "1.2.3", Commit: "abc", Date: "2026-11-24T16:00:00Z"}, &debug.BuildInfo{})
	require.Equal(t, []string{"1.2.3", "abc", "2026-11-24T16:00:00Z"}, []string{b.Version, b.Commit, b.Date})
}
