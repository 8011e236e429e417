package check_test

import (
	"net"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/stretchr/testify/require"
)

// postgresTool runs a program of Postgres on the database of the servers.
func (r *running) postgresTool(name string, args ...string) {
	host, port, err := net.SplitHostPort(r.database)
	require.NoError(r.t, err)
	c := exec.CommandContext(r.t.Context(), name, append([]string{"-h", host, "-p", port, "-U", "flexie", "-d", "flexie"}, args...)...)
	c.Env = append(c.Environ(), "PGPASSFILE="+filepath.Join(r.dir, "pgpass"))
	out, err := c.CombinedOutput()
	require.NoError(r.t, err, "%s", out)
}

// restoresABackup does what docs/operating.md says: a change that was made since is
// forgotten, one from before can be taken back, and no number is given twice.
func (r *running) restoresABackup() {
	dump := filepath.Join(r.dir, "flexie.dump")
	r.postgresTool("pg_dump", "--format=custom", "--file="+dump)
	_, text := r.run("add_note", `{"entity_type":"contact","entity_id":42,"text":"Called again"}`)
	require.Contains(r.t, text, "Change 2; undo_change takes it back")
	for name := range r.ports {
		r.down(name)
	}
	r.postgresTool("pg_restore", "--clean", "--if-exists", dump)
	moveOn := regexp.MustCompile(`(?m)^psql -c "(.*)"$`).FindStringSubmatch(content(r.t, repository+"/docs/operating.md"))
	require.NotNil(r.t, moveOn)
	r.postgresTool("psql", "-v", "ON_ERROR_STOP=1", "-c", moveOn[1])
	for name := range r.ports {
		r.up(name)
	}
	_, text = r.run("add_note", `{"entity_type":"contact","entity_id":42,"text":"Called once more"}`)
	require.Contains(r.t, text, "Change 100002; undo_change takes it back")
	for id, isKnown := range map[string]bool{"1": true, "2": false} {
		_, text = r.run("undo_change", `{"change_id":`+id+`,"dry_run":true}`)
		require.Equal(r.t, isKnown, !strings.Contains(text, `"isError":true`), text)
	}
}
