package main

import (
	"bufio"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

var (
	// a call that writes, with its file and the bytes in hexadecimal digits
	tracedWrite = regexp.MustCompile(`(?:write|pwrite64|writev|pwritev2?|sendto|sendmsg)\((\d+)<([^>]*)>, (.*)`)
	tracedText  = regexp.MustCompile(`"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?`)
	// calls that write without showing the bytes
	tracedBlind = regexp.MustCompile(`(?:copy_file_range|sendfile|splice|vmsplice)\(|mmap\([^)]*PROT_WRITE[^)]*MAP_SHARED[^)]*<[^>]*>`)
)

// Every byte that the process hands to the system is looked at: personal values pass through
// pipes and nowhere else, until they are encrypted. What is never written cannot be found on
// a disk, also not by who undeletes files.
func TestPersonalValuesAreWrittenToPipesOnly(t *testing.T) {
	strace, err := exec.LookPath("strace")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("strace is needed: install it")
		}
		t.Skip("no strace on this machine")
	}
	l := makeMarked(t, 600, 3000)
	trace := filepath.Join(t.TempDir(), "trace")
	run := l.command(t.Context(), t, "run", "--as-of", "2025-01-01", "--quiet")
	cmd := exec.CommandContext(t.Context(), strace, "-f", "-y", "-xx", "-qq", "-s", "4194304", "-e", "signal=none", "-o", trace,
		"-e", "trace=write,pwrite64,writev,pwritev,pwritev2,sendto,sendmsg,copy_file_range,sendfile,splice,vmsplice,mmap", run.Path)
	cmd.Args = append(cmd.Args, run.Args[1:]...)
	cmd.Dir, cmd.Env = run.Dir, run.Env
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("peil run under strace: %v\n%s", err, out)
	}
	found := readTrace(t, trace)
	if found.pipes == 0 || found.files < 20 || !found.encrypted {
		t.Errorf("%d writes of personal values to pipes, %d files written, member file among them: %t: the test would prove nothing", found.pipes, found.files, found.encrypted)
	}
}

type traced struct {
	pipes     int  // writes of personal values to pipes
	files     int  // regular files written to
	encrypted bool // the member file among them
}

func readTrace(t *testing.T, path string) traced {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var found traced
	written := map[string]bool{}
	lines := bufio.NewReaderSize(f, 1<<20)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			break
		}
		if tracedBlind.MatchString(line) {
			t.Errorf("bytes were written unseen: %.200s", line)
		}
		m := tracedWrite.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		name := unhex(t, m[2])
		personalBytes := holdsPersonal(t, m[3])
		switch pipe := strings.HasPrefix(name, "pipe:") || strings.HasPrefix(filepath.Base(name), "pipe-"); {
		case pipe && personalBytes:
			found.pipes++
		case personalBytes:
			t.Errorf("a personal value was written to %s", name)
		case !pipe && filepath.IsAbs(name):
			written[name] = true
		}
		found.encrypted = found.encrypted || strings.Contains(string(unhex(t, m[3][:min(len(m[3]), 200)])), "age-encryption.org")
	}
	found.files = len(written)
	return found
}

// holdsPersonal looks into the bytes of one call.
func holdsPersonal(t *testing.T, arguments string) bool {
	t.Helper()
	for _, text := range tracedText.FindAllStringSubmatch(arguments, -1) {
		if text[2] != "" {
			t.Fatal("strace cut a write short: raise its limit")
		}
		data := unhex(t, text[1])
		pattern := certain
		if isText(data) {
			pattern = personal
		}
		if pattern.MatchString(data) {
			return true
		}
	}
	return false
}

// isText says whether bytes are text, perhaps with a character cut off at either end.
func isText(data string) bool {
	for i := range min(utf8.UTFMax, len(data)) {
		for j := range min(utf8.UTFMax, len(data)-i) {
			if utf8.ValidString(data[i : len(data)-j]) {
				return true
			}
		}
	}
	return false
}

var hexByte = regexp.MustCompile(`(?:\\x[0-9a-f]{2})+`)

// unhex turns what strace wrote in hexadecimal digits back, and leaves the rest.
func unhex(t *testing.T, text string) string {
	t.Helper()
	return hexByte.ReplaceAllStringFunc(text, func(digits string) string {
		b, err := hex.DecodeString(strings.ReplaceAll(digits, `\x`, ""))
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	})
}
