package check_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/stretchr/testify/require"
)

// composed is compose.yaml as Compose reads it, beside a .env made of the example.
func composed(t *testing.T) *types.Project {
	t.Helper()
	dir := t.TempDir()
	for from, to := range map[string]string{"compose.yaml": "compose.yaml", ".env.example": ".env"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, to), []byte(content(t, "../"+from)), 0o600))
	}
	options, err := cli.NewProjectOptions([]string{filepath.Join(dir, "compose.yaml")},
		cli.WithWorkingDirectory(dir), cli.WithEnvFiles(), cli.WithDotEnv, cli.WithDefaultProfiles("token"))
	require.NoError(t, err)
	project, err := options.LoadProject(t.Context())
	require.NoError(t, err)
	return project
}

func TestComposeGivesNoMoreThanIsNeeded(t *testing.T) {
	project := composed(t)
	require.ElementsMatch(t, []string{"server-1", "server-2", "token", "caddy", "db"}, project.ServiceNames())
	for name, s := range project.Services {
		require.True(t, s.ReadOnly, name)
		require.Equal(t, []string{"ALL"}, s.CapDrop, name)
		require.Contains(t, s.SecurityOpt, "no-new-privileges:true", name)
		require.False(t, s.Privileged, name)
		for key, value := range s.Environment {
			require.NotRegexp(t, `(?i)(password|secret|api_key|token)$`, key, name)
			if value != nil {
				require.NotRegexp(t, `://[^@/]*:[^@/]*@`, *value, "%s: a password stands in %s", name, key)
			}
		}
		for _, p := range s.Ports {
			require.True(t, name == "caddy" || p.HostIP == "127.0.0.1", "%s is open to all at %s", name, p.Published)
		}
	}
	require.Equal(t, []string{"NET_BIND_SERVICE"}, project.Services["caddy"].CapAdd)
	require.True(t, project.Networks["database"].Internal)
	require.NotContains(t, project.Services["caddy"].Networks, "database")
	require.NotContains(t, project.Services["db"].Networks, "front")
}

// TestComposeRunsTwoAlike: the two servers differ in nothing but their ports.
func TestComposeRunsTwoAlike(t *testing.T) {
	project := composed(t)
	one, two := project.Services["server-1"], project.Services["server-2"]
	require.NotEqual(t, one.Ports[0].Published, two.Ports[0].Published)
	one.Name, two.Name, one.Ports, two.Ports = "", "", nil, nil
	require.Equal(t, one, two)

	require.Equal(t, "1000:1000", one.User)
	require.Contains(t, one.DependsOn, "db")
	require.Equal(t, "http", one.Build.Target)
	require.Greater(t, time.Duration(*one.StopGracePeriod), grace(t)+endTime)
	limit := regexp.MustCompile(`^(\d+)MiB$`).FindStringSubmatch(*one.Environment["GOMEMLIMIT"])
	require.NotNil(t, limit)
	var bytes types.UnitBytes
	require.NoError(t, bytes.DecodeMapstructure(limit[1]+"m"))
	require.Less(t, int64(bytes), int64(one.MemLimit))
	require.Greater(t, int64(bytes), int64(one.MemLimit)*8/10)
}

// TestComposeSecretsAreThere: what a variable names as a file is mounted.
func TestComposeSecretsAreThere(t *testing.T) {
	project := composed(t)
	ignored := content(t, "../.gitignore")
	for name, s := range project.Services {
		mounted := []string{}
		for _, secret := range s.Secrets {
			mounted = append(mounted, "/run/secrets/"+secret.Source)
			file := project.Secrets[secret.Source].File
			require.Equal(t, "secrets", filepath.Base(filepath.Dir(file)), "deploy/.gitignore leaves out what is there")
		}
		for _, v := range s.Volumes {
			mounted = append(mounted, v.Target)
		}
		for key, value := range s.Environment {
			if value == nil {
				continue
			}
			for _, path := range regexp.MustCompile(`(?:^|=)(/[\w./-]+)`).FindAllStringSubmatch(*value, -1) {
				require.True(t, under(path[1], mounted), "%s: %s names %s, which is not mounted", name, key, path[1])
			}
		}
	}
	for _, path := range []string{"/secrets/", "/config/", "/.env"} {
		require.Contains(t, strings.Fields(ignored), path)
	}
}

func under(path string, mounted []string) bool {
	for _, m := range mounted {
		if path == m || strings.HasPrefix(path, m+"/") {
			return true
		}
	}
	return false
}
