package check_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTheBundleIsWellFormed(t *testing.T) {
	require.Contains(t, ran(t, "mcpb", "validate", packages(t, "mcpb", "manifest.json")), "Manifest schema validation passes!")
	ran(t, "mcpb", "info", packages(t, "flexie-mcp.mcpb"))
}

// started is what a client makes of a bundle, by the code that the makers of Claude
// Desktop give others for it: what to start, for what a person has filled in.
const started = `
import { readFileSync } from "node:fs";
const { getMcpConfigForManifest } = await import(process.env.NODE_PATH + "/@anthropic-ai/mcpb/dist/index.js");
const [folder, filled] = process.argv.slice(2);
const config = await getMcpConfigForManifest({
  manifest: JSON.parse(readFileSync(folder + "/manifest.json", "utf8")),
  extensionPath: folder, systemDirs: {}, userConfig: JSON.parse(filled), pathSeparator: "/",
});
console.log(JSON.stringify(config));
`

// TestTheBundleStarts: unpacked, with a form that nobody filled in and with others.
func TestTheBundleStarts(t *testing.T) {
	folder := t.TempDir()
	ran(t, "mcpb", "unpack", packages(t, "flexie-mcp.mcpb"), folder)
	script := written(t, "started.mjs", started)
	var manifest struct{ Tools, Prompts []named }
	require.NoError(t, json.Unmarshal(content(t, folder+"/manifest.json"), &manifest))

	for filled, tools := range map[string]int{
		`{}`:               len(manifest.Tools),
		`{"sandbox":true}`: len(manifest.Tools),
		`{"sandbox":true,"subdomain":"acme","api_key":"key"}`: len(manifest.Tools),
		`{"sandbox":true,"toolsets":"notes"}`:                 0,
		`{"subdomain":"acme","api_key":"key"}`:                len(manifest.Tools),
	} {
		t.Run(filled, func(t *testing.T) {
			var config struct {
				Command string
				Env     map[string]string
			}
			require.NoError(t, json.Unmarshal([]byte(ran(t, "node", script, folder, filled)), &config))
			var env []string
			for name, value := range config.Env {
				require.NotContains(t, value, "${", name)
				env = append(env, name+"="+value)
			}
			session := connected(t, config.Command, nil, env)
			offered, err := session.ListTools(t.Context(), nil)
			require.NoError(t, err)
			if tools == 0 {
				require.Less(t, len(offered.Tools), len(manifest.Tools))
				return
			}
			var names, prompts []named
			for _, tool := range offered.Tools {
				names = append(names, named{tool.Name})
			}
			require.ElementsMatch(t, manifest.Tools, names)
			jobs, err := session.ListPrompts(t.Context(), nil)
			require.NoError(t, err)
			for _, job := range jobs.Prompts {
				prompts = append(prompts, named{job.Name})
			}
			require.Subset(t, manifest.Prompts, prompts)
			require.NotEmpty(t, prompts)
			if strings.HasPrefix(filled, `{"sandbox":true`) {
				finds(t, session)
			}
		})
	}
}

type named struct{ Name string }
