package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"peil/pipeline/store/storetest"
)

// A night in CI: the steps of the workflow's file, run as they stand there, on a server that
// speaks S3.
func TestWorkflow(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", ".github", "workflows", "peil.yml"))
	if err != nil {
		t.Fatal(err)
	}
	var workflow struct {
		Jobs map[string]struct {
			Steps []struct{ Name, Run, Uses string }
		}
	}
	if err := yaml.Unmarshal(text, &workflow); err != nil {
		t.Fatal(err)
	}
	l := makeScheduled(t)
	server := storetest.NewS3(t)
	rewrite(t, filepath.Join(l.dir, "peil.yaml"), func(text string) string {
		text = strings.Replace(text, "store: out", "store: s3://"+storetest.Bucket+"/peil\ns3: {within_eu: this machine}", 1)
		text = strings.Replace(text, "file: peil.key", "env: PEIL_KEY", 1)
		return strings.Replace(text, "{to: feeds,", "{to: 's3://"+storetest.Bucket+"/feeds',", 1)
	})
	key, err := os.ReadFile(filepath.Join(l.dir, "peil.key"))
	if err != nil {
		t.Fatal(err)
	}
	checkout, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	temp, workspace := t.TempDir(), t.TempDir()
	summary := filepath.Join(temp, "summary.md")
	step := func(name string) (string, error) {
		t.Helper()
		for _, s := range workflow.Jobs["due"].Steps {
			if s.Name != name {
				continue
			}
			// as GitHub runs it
			cmd := exec.CommandContext(t.Context(), "bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", s.Run)
			cmd.Dir = checkout
			cmd.Env = append(os.Environ(), "RUNNER_TEMP="+temp, "GITHUB_WORKSPACE="+workspace, "GITHUB_STEP_SUMMARY="+summary,
				"PEIL_CONFIG="+filepath.Join(l.dir, "peil.yaml"), "PEIL_KEY="+string(key), "AWS_ENDPOINT_URL_S3="+server.URL, "XDG_RUNTIME_DIR="+l.runtime)
			out, err := cmd.CombinedOutput()
			return string(out), err
		}
		t.Fatalf("the workflow has no step %q", name)
		return "", nil
	}
	const build, due, public = "Build", "Make and deliver what is due", "Take what may be shown"
	for _, name := range []string{build, due, public} {
		if out, err := step(name); err != nil {
			t.Fatalf("%s: %v\n%s", name, err, out)
		}
	}
	told := read(t, summary)
	for _, want := range []string{"### Peil 20", "4 published, 2 delivered", "| kb | ", "| new-members | ", "| cbs | ", "| quality | ", "| delivered |", "\nRun 20"} {
		if !strings.Contains(told, want) {
			t.Errorf("the summary does not say %q:\n%s", want, told)
		}
	}
	junit := read(t, filepath.Join(temp, "junit.xml"))
	for _, want := range []string{`<testcase classname="peil.run" name="run">`, `name="output.kb `, `failures="0"`} {
		if !strings.Contains(junit, want) {
			t.Errorf("junit.xml does not say %q:\n%s", want, junit)
		}
	}
	if len(glob(t, workspace, "public", "kb", "*", "kb-leden.csv")) != 1 || len(glob(t, workspace, "public", "index.html")) != 1 {
		t.Errorf("the artefact holds %v", glob(t, workspace, "public", "*", "*"))
	}
	filepath.WalkDir(workspace, func(path string, e os.DirEntry, err error) error {
		if err != nil || strings.Contains(strings.TrimPrefix(path, workspace), "private") || strings.HasSuffix(path, ".age") {
			t.Errorf("%s must not be in the artefact: %v", path, err)
		}
		return nil
	})

	// The next night nothing is due, and says so in one line.
	if out, err := step(due); err != nil || !strings.Contains(out, "nothing is due on ") {
		t.Errorf("the second night: %v\n%s", err, out)
	}
	if told := read(t, summary); !strings.Contains(told, ": nothing is due; next: ") {
		t.Errorf("the summary of the second night:\n%s", told)
	}

	// A night that fails says so too.
	if err := os.Rename(filepath.Join(l.dir, "peil.yaml"), filepath.Join(l.dir, "gone")); err != nil {
		t.Fatal(err)
	}
	if out, err := step(due); err == nil || !strings.Contains(out, "::error::Peil ended with status 2") {
		t.Errorf("a night without configuration: %v\n%s", err, out)
	}
	if told := read(t, summary); !strings.Contains(told, "Exit status 2: wrong usage or configuration.") {
		t.Errorf("the summary of a night without configuration:\n%s", told)
	}
	if dir := os.Getenv("PEIL_LOOK"); dir != "" {
		os.WriteFile(filepath.Join(dir, "summary.md"), []byte(read(t, summary)), 0o600)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func rewrite(t *testing.T, path string, change func(string) string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(change(read(t, path))), 0o600); err != nil {
		t.Fatal(err)
	}
}
