package main

import (
	"bufio"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"peil/pipeline/store/storetest"
)

// connections are the addresses that a command asks the system to connect to, send to or
// listen on, other than sockets of this machine's own services.
func connections(t *testing.T, l markedLibrary, args ...string) map[string]bool {
	t.Helper()
	strace, err := exec.LookPath("strace")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("strace is needed: install it")
		}
		t.Skip("no strace on this machine")
	}
	trace := filepath.Join(t.TempDir(), "trace")
	run := l.command(t.Context(), t, args...)
	cmd := exec.CommandContext(t.Context(), strace, "-f", "-qq", "-e", "signal=none", "-o", trace, "-e", "trace=connect,bind,listen,sendto,sendmsg,sendmmsg", run.Path)
	cmd.Args = append(cmd.Args, run.Args[1:]...)
	cmd.Dir, cmd.Env = run.Dir, run.Env
	if out, err := cmd.CombinedOutput(); err != nil && cmd.ProcessState.ExitCode() != 3 {
		t.Fatalf("peil %s under strace: %v\n%s", strings.Join(args, " "), err, out)
	}
	f, err := os.Open(trace)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	found := map[string]bool{}
	for lines := bufio.NewScanner(f); lines.Scan(); {
		m := inetAddress.FindStringSubmatch(lines.Text())
		switch {
		case m != nil:
			found[m[2]+":"+m[1]] = true
		case strings.Contains(lines.Text(), "AF_INET"):
			found[lines.Text()] = true
		}
	}
	return found
}

var inetAddress = regexp.MustCompile(`sa_family=AF_INET6?, sin6?_port=htons\((\d+)\).*?"([^"]+)"`)

// From files into a folder nothing is asked of any network, from the first to the last
// command of the README.
func TestNoNetworkWithoutOneConfigured(t *testing.T) {
	l := makeMarked(t, 300, 600)
	for _, args := range [][]string{{"check"}, {"run", "--as-of", "2025-01-01", "--quiet"}, {"verify"}, {"ledger", "verify"}, {"purge"}, {"docs", "cbs"}} {
		for address := range connections(t, l, args...) {
			t.Errorf("peil %s: %s", strings.Join(args, " "), address)
		}
	}
}

// Into a bucket only the configured server is spoken to.
func TestNoOtherNetworkThanTheOneConfigured(t *testing.T) {
	server := storetest.NewS3(t)
	at, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	l := makeMarked(t, 300, 600)
	text, err := os.ReadFile(l.made.ConfigPath)
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.Replace(string(text), "store: out", "store: s3://"+storetest.Bucket+"/peil\ns3: {endpoint: \""+server.URL+"\", path_style: true}", 1)
	if err := os.WriteFile(l.made.ConfigPath, []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
	found := connections(t, l, "run", "--as-of", "2025-01-01", "--quiet")
	if !found[at.Host] {
		t.Errorf("the server %s was not spoken to: the test would prove nothing", at.Host)
	}
	delete(found, at.Host)
	for address := range found {
		t.Errorf("connected to %s", address)
	}
}
