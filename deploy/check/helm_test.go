package check_test

import (
	"iter"
	"path/filepath"
	"strings"
	"testing"
	"time"

	monitoring "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"github.com/stretchr/testify/require"
	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/common/util"
	"helm.sh/helm/v4/pkg/chart/v2/lint"
	"helm.sh/helm/v4/pkg/chart/v2/lint/support"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	"helm.sh/helm/v4/pkg/engine"
	"helm.sh/helm/v4/pkg/strvals"
	apps "k8s.io/api/apps/v1"
	autoscaling "k8s.io/api/autoscaling/v2"
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	policy "k8s.io/api/policy/v1"
	"k8s.io/pod-security-admission/api"
	security "k8s.io/pod-security-admission/policy"
	"sigs.k8s.io/yaml"
)

const chart = "../helm/flexie-mcp"

// kinds are what the chart makes, as the cluster declares them.
var kinds = map[string]func() any{
	"v1/Service":                              func() any { return &core.Service{} },
	"v1/Secret":                               func() any { return &core.Secret{} },
	"v1/ConfigMap":                            func() any { return &core.ConfigMap{} },
	"v1/Pod":                                  func() any { return &core.Pod{} },
	"apps/v1/Deployment":                      func() any { return &apps.Deployment{} },
	"autoscaling/v2/HorizontalPodAutoscaler":  func() any { return &autoscaling.HorizontalPodAutoscaler{} },
	"networking.k8s.io/v1/Ingress":            func() any { return &networking.Ingress{} },
	"networking.k8s.io/v1/NetworkPolicy":      func() any { return &networking.NetworkPolicy{} },
	"policy/v1/PodDisruptionBudget":           func() any { return &policy.PodDisruptionBudget{} },
	"monitoring.coreos.com/v1/ServiceMonitor": func() any { return &monitoring.ServiceMonitor{} },
	"monitoring.coreos.com/v1/PrometheusRule": func() any { return &monitoring.PrometheusRule{} },
}

// objects are what the chart makes of values, by kind and name. A field that a
// kind does not have, or one given twice, is an error.
func objects(t *testing.T, values string) map[string]any {
	t.Helper()
	made := map[string]any{}
	files, err := rendered(values)
	require.NoError(t, err)
	for part := range manifests(files) {
		var head struct {
			APIVersion, Kind string
			Metadata         struct{ Name string }
		}
		require.NoError(t, yaml.Unmarshal([]byte(part), &head))
		if head.Kind == "" {
			continue
		}
		newObject, known := kinds[head.APIVersion+"/"+head.Kind]
		require.True(t, known, head.APIVersion+"/"+head.Kind)
		object := newObject()
		require.NoError(t, yaml.UnmarshalStrict([]byte(part), object), part)
		made[head.Kind+" "+head.Metadata.Name] = object
	}
	return made
}

// rendered is what Helm's engine makes of the chart's templates, by their paths,
// with the values of a file, "" for none, and those that --set would have.
func rendered(file string, set ...string) (map[string]string, error) {
	values, err := valuesOf(file, set)
	if err != nil {
		return nil, err
	}
	loaded, err := loader.Load(chart)
	if err != nil {
		return nil, err
	}
	release := common.ReleaseOptions{Name: "release", Namespace: "crm", Revision: 1, IsInstall: true}
	all, err := util.ToRenderValues(loaded, values, release, common.DefaultCapabilities)
	if err != nil {
		return nil, err
	}
	return engine.Render(loaded, all)
}

func valuesOf(file string, set []string) (map[string]any, error) {
	values := common.Values{}
	if file != "" {
		var err error
		if values, err = common.ReadValuesFile(file); err != nil {
			return nil, err
		}
	}
	for _, one := range set {
		if err := strvals.ParseInto(one, values); err != nil {
			return nil, err
		}
	}
	return values, nil
}

// manifests are the objects in what was rendered, the notes left out.
func manifests(files map[string]string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for path, text := range files {
			if strings.HasSuffix(path, ".txt") {
				continue
			}
			for part := range strings.SplitSeq(text, "\n---\n") {
				if !yield(part) {
					return
				}
			}
		}
	}
}

func get[T any](t *testing.T, made map[string]any, name string) T {
	t.Helper()
	require.Contains(t, made, name)
	return made[name].(T)
}

// variants are values that people may have.
func variants(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/values/*.yaml")
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(files), 5)
	return files
}

func TestTheChartIsInOrder(t *testing.T) {
	for _, values := range variants(t) {
		inOrder(t, values)
		pods := map[string]core.PodTemplateSpec{}
		for name, object := range objects(t, values) {
			switch o := object.(type) {
			case *apps.Deployment:
				pods[name] = o.Spec.Template
				require.Subset(t, o.Spec.Template.Labels, o.Spec.Selector.MatchLabels)
			case *core.Pod:
				pods[name] = core.PodTemplateSpec{ObjectMeta: o.ObjectMeta, Spec: o.Spec}
			}
		}
		require.Len(t, pods, 2, values)
		for name, pod := range pods {
			restricted(t, values+" "+name, pod)
		}
	}
}

// inOrder asks Helm's linter.
func inOrder(t *testing.T, file string) {
	t.Helper()
	values, err := valuesOf(file, nil)
	require.NoError(t, err)
	for _, message := range lint.RunAll(chart, values, "crm").Messages {
		require.Less(t, message.Severity, support.WarningSev, "%s: %v", file, message)
	}
}

// restricted asks what a cluster with the restricted profile of Pod Security
// Standards would say.
func restricted(t *testing.T, name string, pod core.PodTemplateSpec) {
	t.Helper()
	evaluator, err := security.NewEvaluator(security.DefaultChecks(), nil)
	require.NoError(t, err)
	latest := api.LevelVersion{Level: api.LevelRestricted, Version: api.LatestVersion()}
	verdict := security.AggregateCheckResults(evaluator.EvaluatePod(latest, &pod.ObjectMeta, &pod.Spec))
	require.True(t, verdict.Allowed, "%s: %s", name, verdict.ForbiddenDetail())
	require.False(t, *pod.Spec.AutomountServiceAccountToken, name)
	for _, c := range pod.Spec.Containers {
		require.True(t, *c.SecurityContext.ReadOnlyRootFilesystem, name)
		require.NotZero(t, c.Resources.Requests.Cpu().MilliValue(), name)
		require.NotZero(t, c.Resources.Limits.Memory().Value(), name)
	}
}

// environment is what a container is started with.
func environment(c core.Container) map[string]string {
	env := map[string]string{}
	for _, e := range c.Env {
		env[e.Name] = e.Value
		if e.ValueFrom != nil {
			env[e.Name] = e.ValueFrom.SecretKeyRef.Name + "/" + e.ValueFrom.SecretKeyRef.Key
		}
	}
	return env
}

// TestTheLeastThatIsSet gives two servers, a budget, autoscaling and a policy.
func TestTheLeastThatIsSet(t *testing.T) {
	made := objects(t, "testdata/values/least.yaml")
	d := get[*apps.Deployment](t, made, "Deployment release-flexie-mcp")
	c := d.Spec.Template.Spec.Containers[0]
	require.Nil(t, d.Spec.Replicas, "they are the autoscaler's")
	require.Equal(t, "mine/database-url", environment(c)["FLEXIE_DATABASE_URL"])
	require.Equal(t, "/etc/flexie-mcp/tokens.toml", environment(c)["FLEXIE_HTTP_TOKENS_FILE"])
	require.Equal(t, "mine", d.Spec.Template.Spec.Volumes[0].Secret.SecretName)
	require.NotContains(t, made, "Secret release-flexie-mcp")
	require.NotContains(t, made, "Ingress release-flexie-mcp")

	scaler := get[*autoscaling.HorizontalPodAutoscaler](t, made, "HorizontalPodAutoscaler release-flexie-mcp").Spec
	require.Equal(t, d.Name, scaler.ScaleTargetRef.Name)
	require.EqualValues(t, 2, *scaler.MinReplicas)
	require.Equal(t, "flexie_mcp_calls_in_flight", scaler.Metrics[0].Pods.Metric.Name)
	require.EqualValues(t, "cpu", scaler.Metrics[1].Resource.Name)
	budget := get[*policy.PodDisruptionBudget](t, made, "PodDisruptionBudget release-flexie-mcp").Spec
	require.Less(t, budget.MaxUnavailable.IntValue(), int(*scaler.MinReplicas))

	for kind, selector := range map[string]map[string]string{
		"budget":  budget.Selector.MatchLabels,
		"service": get[*core.Service](t, made, "Service release-flexie-mcp").Spec.Selector,
		"metrics": get[*core.Service](t, made, "Service release-flexie-mcp-metrics").Spec.Selector,
		"policy":  get[*networking.NetworkPolicy](t, made, "NetworkPolicy release-flexie-mcp").Spec.PodSelector.MatchLabels,
	} {
		require.Equal(t, d.Spec.Selector.MatchLabels, selector, kind)
	}
}

// TestThePortsAreThoseThatAreServed: what is asked for by name leads to where the
// program listens.
func TestThePortsAreThoseThatAreServed(t *testing.T) {
	made := objects(t, "testdata/values/ingress.yaml")
	pod := get[*apps.Deployment](t, made, "Deployment release-flexie-mcp").Spec.Template.Spec
	c := pod.Containers[0]
	ports := map[string]int32{}
	for _, p := range c.Ports {
		ports[p.Name] = p.ContainerPort
	}
	require.Equal(t, map[string]int32{"http": 8080, "metrics": 9090}, ports)
	require.Equal(t, []string{"http", "--listen", "0.0.0.0:8080"}, c.Args)
	require.Equal(t, "0.0.0.0:9090", environment(c)["FLEXIE_HTTP_METRICS_LISTEN"])
	require.Equal(t, "registry.example.com/flexie-mcp:1.2.3", c.Image)
	require.Equal(t, "/healthz", c.LivenessProbe.HTTPGet.Path)
	require.Equal(t, "/readyz", c.ReadinessProbe.HTTPGet.Path)
	require.Equal(t, "http", c.ReadinessProbe.HTTPGet.Port.StrVal)
	require.Equal(t, "http", get[*core.Service](t, made, "Service release-flexie-mcp").Spec.Ports[0].TargetPort.StrVal)

	ingress := get[*networking.Ingress](t, made, "Ingress release-flexie-mcp").Spec
	require.Equal(t, "mcp.example.com", ingress.Rules[0].Host)
	require.Equal(t, []string{"mcp.example.com"}, ingress.TLS[0].Hosts)
	for _, path := range ingress.Rules[0].HTTP.Paths {
		require.Equal(t, "release-flexie-mcp http", path.Backend.Service.Name+" "+path.Backend.Service.Port.Name)
	}

	test := get[*core.Pod](t, made, "Pod release-flexie-mcp-test")
	require.Equal(t, []string{"healthcheck", "http://release-flexie-mcp:80/readyz"}, test.Spec.Containers[0].Args)
	in := get[*networking.NetworkPolicy](t, made, "NetworkPolicy release-flexie-mcp").Spec.Ingress[0]
	require.Subset(t, test.Labels, in.From[len(in.From)-1].PodSelector.MatchLabels, "the policy lets the test in")
}

// TestTheIngressPublishes the addresses of MCP and, where people sign in, those of
// that; not probes and numbers.
func TestTheIngressPublishes(t *testing.T) {
	mcp := map[string]string{"/mcp": "Prefix", "/sse": "Exact", "/message": "Exact"}
	require.Equal(t, mcp, published(t))
	mcp["/oauth"], mcp["/connected"] = "Prefix", "Exact"
	for _, what := range []string{"protected-resource", "authorization-server"} {
		mcp["/.well-known/oauth-"+what] = "ImplementationSpecific" // as ingress-nginx will have it
	}
	require.Equal(t, mcp, published(t, "tokens=false", "settings.public_url=https://mcp.example.com"))
}

// published are the paths of the ingress, and how each is taken.
func published(t *testing.T, set ...string) map[string]string {
	t.Helper()
	files, err := rendered("testdata/values/ingress.yaml", set...)
	require.NoError(t, err)
	var ingress networking.Ingress
	require.NoError(t, yaml.UnmarshalStrict([]byte(files["flexie-mcp/templates/ingress.yaml"]), &ingress))
	paths := map[string]string{}
	for _, path := range ingress.Spec.Rules[0].HTTP.Paths {
		paths[path.Path] = string(*path.PathType)
	}
	return paths
}

// TestTheNetworkPolicy lets the program reach Flexie, Postgres and names, and
// nothing else that is near it.
func TestTheNetworkPolicy(t *testing.T) {
	spec := get[*networking.NetworkPolicy](t, objects(t, "testdata/values/ingress.yaml"), "NetworkPolicy release-flexie-mcp").Spec
	require.ElementsMatch(t, []networking.PolicyType{"Ingress", "Egress"}, spec.PolicyTypes)
	byPort := map[int]networking.NetworkPolicyEgressRule{}
	for _, rule := range spec.Egress {
		byPort[rule.Ports[0].Port.IntValue()] = rule
	}
	require.Len(t, byPort, 4)
	except := []string{}
	for _, to := range byPort[443].To {
		except = append(except, to.IPBlock.Except...)
	}
	for _, private := range []string{"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "fc00::/7"} {
		require.Contains(t, except, private)
	}
	require.Equal(t, "pgbouncer", byPort[6432].To[0].PodSelector.MatchLabels["app"])
	require.Contains(t, byPort, 53)
	require.Contains(t, byPort, 4318)
}

// TestAPodHasTimeToEnd in every variant.
func TestAPodHasTimeToEnd(t *testing.T) {
	for _, values := range variants(t) {
		pod := get[*apps.Deployment](t, objects(t, values), "Deployment release-flexie-mcp").Spec.Template.Spec
		calls, err := time.ParseDuration(environment(pod.Containers[0])["FLEXIE_HTTP_GRACE"])
		require.NoError(t, err)
		if hook := pod.Containers[0].Lifecycle; hook != nil {
			calls += time.Duration(hook.PreStop.Sleep.Seconds) * time.Second
		}
		require.Greater(t, time.Duration(*pod.TerminationGracePeriodSeconds)*time.Second, calls+endTime, values)
	}
}

// TestTheSecretIsMadeWhole, and the settings are written as the program reads them.
func TestTheSecretIsMadeWhole(t *testing.T) {
	made := objects(t, "testdata/values/made.yaml")
	secret := get[*core.Secret](t, made, "Secret release-flexie-mcp").StringData
	require.Equal(t, map[string]string{
		"database-url": "postgres://flexie:pass@db.databases.svc:5432/flexie?sslmode=require",
		"tokens.toml":  "[[token]]\nname = \"bot\"\n", "api-key": "key-of-acme", "globex.key": "key-of-globex",
	}, secret)
	pod := get[*apps.Deployment](t, made, "Deployment release-flexie-mcp").Spec.Template.Spec
	env := environment(pod.Containers[0])
	require.Equal(t, "release-flexie-mcp/database-url", env["FLEXIE_DATABASE_URL"])
	for name, want := range map[string]string{
		"FLEXIE_API_KEY_FILE": "/etc/flexie-mcp/api-key", "FLEXIE_SUBDOMAIN": "acme", "FLEXIE_TOOLSETS": "core,reports", "FLEXIE_MAX_RATE": "2.5",
		"FLEXIE_HTTP_MAX_IN_FLIGHT": "64", "FLEXIE_HTTP_MAX_SESSIONS_IN_ALL": "1000000", "FLEXIE_READ_ONLY": "true", "FLEXIE_LOG_FORMAT": "json",
	} {
		require.Equal(t, want, env[name], name)
	}
	require.Equal(t, "/etc/flexie-mcp", pod.Containers[0].VolumeMounts[0].MountPath)
}

func TestWhatIsTurnedOffIsNotMade(t *testing.T) {
	made := objects(t, "testdata/values/plain.yaml")
	require.EqualValues(t, 3, *get[*apps.Deployment](t, made, "Deployment release-flexie-mcp").Spec.Replicas)
	for name := range made {
		require.NotRegexp(t, `^(HorizontalPodAutoscaler|PodDisruptionBudget|NetworkPolicy|ServiceMonitor|PrometheusRule|Secret|Ingress) `, name)
	}
	env := environment(get[*apps.Deployment](t, made, "Deployment release-flexie-mcp").Spec.Template.Spec.Containers[0])
	require.NotContains(t, env, "FLEXIE_HTTP_TOKENS_FILE")
	require.NotContains(t, env, "GOMEMLIMIT")
	require.Equal(t, "acme,globex", env["FLEXIE_HTTP_SUBDOMAINS"])
	require.Equal(t, "text", env["FLEXIE_LOG_FORMAT"])
}

// TestWatched: Prometheus and Grafana are given what lies in deploy/.
func TestWatched(t *testing.T) {
	made := objects(t, "testdata/values/watched.yaml")
	monitor := get[*monitoring.ServiceMonitor](t, made, "ServiceMonitor release-flexie-mcp").Spec
	metrics := get[*core.Service](t, made, "Service release-flexie-mcp-metrics")
	require.Subset(t, metrics.Labels, monitor.Selector.MatchLabels)
	require.NotSubset(t, get[*core.Service](t, made, "Service release-flexie-mcp").Labels, monitor.Selector.MatchLabels, "each pod is asked once")
	require.Equal(t, "flexie-mcp", metrics.Labels[monitor.JobLabel], "which the alerts look for")
	require.Equal(t, metrics.Spec.Ports[0].Name, monitor.Endpoints[0].Port)
	require.Len(t, get[*monitoring.PrometheusRule](t, made, "PrometheusRule release-flexie-mcp").Spec.Groups[0].Rules, len(alerts(t)))
	require.JSONEq(t, content(t, "../grafana/flexie-mcp.json"), get[*core.ConfigMap](t, made, "ConfigMap release-flexie-mcp-dashboard").Data["flexie-mcp.json"])
	require.Regexp(t, `^flexie-mcp@sha256:`, get[*apps.Deployment](t, made, "Deployment release-flexie-mcp").Spec.Template.Spec.Containers[0].Image)
}

// TestTheChartHasTheSameFiles: Helm packs nothing from outside of the chart.
func TestTheChartHasTheSameFiles(t *testing.T) {
	require.Equal(t, content(t, "../prometheus/alerts.yaml"), content(t, chart+"/files/alerts.yaml"), "cp deploy/prometheus/alerts.yaml deploy/helm/flexie-mcp/files/")
	require.Equal(t, content(t, "../grafana/flexie-mcp.json"), content(t, chart+"/files/dashboard.json"), "cp deploy/grafana/flexie-mcp.json deploy/helm/flexie-mcp/files/dashboard.json")
}

// TestWhatCannotBeIsRefused with what to set.
func TestWhatCannotBeIsRefused(t *testing.T) {
	for set, want := range map[string]string{
		"replicas=2":                        `set secret\.existing to the name of a Secret`,
		"secret.existing=mine,tokens=false": `nobody could say who they are: set tokens=true, settings\.http_subdomains`,
		"secret.existing=mine,tokens=false,settings.http_subdomains={}":             `nobody could say who they are`,
		"secret.existing=mine,ingress.enabled=true":                                 `set ingress\.host`,
		"secret.existing=mine,autoscaling.callsInFlight=0,autoscaling.cpuPercent=0": `autoscaling needs callsInFlight or cpuPercent`,
		"secret.existing=mine,settings.api_key=x":                                   `settings\.api_key: the chart sets this itself, or it is a secret`,
		"secret.existing=mine,settings.encryption_key=x":                            `settings\.encryption_key: the chart sets this itself, or it is a secret`,
		"secret.existing=mine,settings.Subdomain=x":                                 `additional properties 'Subdomain' not allowed`,
		"secret.existing=mine,settings.acess=read":                                  `additional properties 'acess' not allowed`,
		"secret.existing=mine,replica=3":                                            `replica`,
		"secret.databaseUrl=mysql://db/flexie":                                      `databaseUrl`,
		"secret.databaseUrl=postgres://db/flexie":                                   `set secret\.tokens to what`,
	} {
		_, err := rendered("", set)
		require.Error(t, err, set)
		require.Regexp(t, want, err.Error(), set)
	}
}

// TestTheNotesSayWhere to connect, and how to look.
func TestTheNotesSayWhere(t *testing.T) {
	for values, want := range map[string]string{
		"ingress": `https://mcp\.example\.com/mcp`, "plain": `http://release-flexie-mcp\.crm:8080/mcp`,
	} {
		files, err := rendered("testdata/values/" + values + ".yaml")
		require.NoError(t, err)
		notes := files["flexie-mcp/templates/NOTES.txt"]
		require.Regexp(t, want, notes)
		require.Contains(t, notes, "helm -n crm test release")
	}
}
