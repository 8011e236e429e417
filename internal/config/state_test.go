package config

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestStateDir(t *testing.T) {
	home := "HOME=/home/jane"
	for _, test := range []struct {
		system  string
		environ []string
		want    string
	}{
		{"linux", []string{home}, "/home/jane/.local/state/flexie-mcp"},
		{"linux", []string{home, "XDG_STATE_HOME=/var/jane"}, "/var/jane/flexie-mcp"},
		{"linux", []string{home, "XDG_STATE_HOME=here"}, "/home/jane/.local/state/flexie-mcp"},
		{"freebsd", []string{"HOME=/a", home}, "/home/jane/.local/state/flexie-mcp"},
		{"darwin", []string{home}, "/home/jane/Library/Application Support/flexie-mcp"},
		{"windows", []string{"LOCALAPPDATA=/jane"}, "/jane/flexie-mcp"},
		{"linux", nil, ""},
		{"windows", []string{home}, ""},
	} {
		require.Equal(t, test.want, stateDir(test.system, test.environ), "%+v", test)
	}
}

func TestStateDirThatIsSet(t *testing.T) {
	require.Equal(t, "/here", load(t, []string{"HOME=/home/jane", "FLEXIE_STATE_DIR=/here"}).StateDir)
	require.Equal(t, "/home/jane/state", load(t, []string{"HOME=/home/jane"}, "--state-dir=/home/jane/state").StateDir)
}
