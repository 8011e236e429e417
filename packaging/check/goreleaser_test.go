package check_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

func TestGoreleaserTakesItsConfiguration(t *testing.T) {
	ran(t, "goreleaser", "check", "--config", repository+"/.goreleaser.yaml")
}

// TestAReleaseHasAllThatIsPromised: docs/releasing.md and the README go by it.
func TestAReleaseHasAllThatIsPromised(t *testing.T) {
	var c struct {
		Builds   []struct{ Goos, Goarch []string }
		Nfpms    []struct{ Formats []string }
		Archives []struct{ ID string }
		Casks    []struct{ IDs []string } `yaml:"homebrew_casks"`
		Scoops   []struct{ IDs []string }
		Images   []struct{ Platforms, Flags []string } `yaml:"dockers_v2"`
		SBOMs    []struct{ Artifacts string }          `yaml:"sboms"`
		Signs    []struct{ Cmd, Artifacts string }
		Checksum struct {
			Files []map[string]string `yaml:"extra_files"`
		}
		Release struct {
			Draft bool
			Files []map[string]string `yaml:"extra_files"`
		}
	}
	require.NoError(t, yaml.Unmarshal(content(t, repository+"/.goreleaser.yaml"), &c))
	require.Len(t, c.Builds, 1)
	require.ElementsMatch(t, []string{"linux", "darwin", "windows"}, c.Builds[0].Goos)
	require.ElementsMatch(t, []string{"amd64", "arm64"}, c.Builds[0].Goarch)
	require.Len(t, c.Nfpms, 1)
	require.ElementsMatch(t, []string{"deb", "rpm"}, c.Nfpms[0].Formats)
	require.Len(t, c.Archives, 1)
	for _, taken := range append(c.Casks, c.Scoops...) {
		require.Equal(t, []string{c.Archives[0].ID}, taken.IDs, "goreleaser says only in a release that it finds no archive")
	}
	require.Len(t, c.Casks, 1)
	require.Len(t, c.Scoops, 1)
	require.Len(t, c.Images, 2)
	for _, image := range c.Images {
		require.ElementsMatch(t, []string{"linux/amd64", "linux/arm64"}, image.Platforms)
	}
	require.Equal(t, "archive", c.SBOMs[0].Artifacts)
	require.Equal(t, []struct{ Cmd, Artifacts string }{{"cosign", "checksum"}}, c.Signs)
	require.True(t, c.Release.Draft)
	require.Contains(t, c.Release.Files, map[string]string{"glob": "dist/packages/flexie-mcp.mcpb"})
	require.Equal(t, c.Release.Files, c.Checksum.Files, "what is not among the checksums is not signed")
}
