package store_test

import (
	"bufio"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"peil/pipeline/store"
	"peil/pipeline/store/storetest"

	"github.com/google/go-cmp/cmp"
)

func TestDirectoryConformance(t *testing.T) {
	storetest.Conformance(t, func(t *testing.T) func() store.Store {
		dir := filepath.Join(t.TempDir(), "not", "there yet")
		return func() store.Store { return openStore(t, dir, store.Options{}) }
	})
}

func TestDirectoryReadingMakesNothing(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "store")
	s := openStore(t, dir, store.Options{})
	if objects, err := s.List(t.Context(), ""); err != nil || len(objects) > 0 {
		t.Errorf("listed %v, error %v", objects, err)
	}
	if _, err := s.Open(t.Context(), "a"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("Open: error %v, want fs.ErrNotExist", err)
	}
	if err := s.Remove(t.Context(), "a"); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the directory was made (%v)", err)
	}
}

// TestDirectoryModes writes with the widest and the narrowest umask.
func TestDirectoryModes(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no modes")
	}
	for _, umask := range []int{0, 0o777} {
		t.Run(fmt.Sprintf("%03o", umask), func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "store")
			s := openStore(t, dir, store.Options{})
			old := setUmask(umask)
			defer setUmask(old)
			lock, err := s.Lock(t.Context(), storetest.Owner("run"))
			if err != nil {
				t.Fatal(err)
			}
			defer lock.Release()
			if err := store.WriteFile(t.Context(), s, "private/runs/a.json", nil); err != nil {
				t.Fatal(err)
			}
			if err := store.WriteNew(t.Context(), s, "private/ledger/1", nil); err != nil {
				t.Fatal(err)
			}
			if err := publishLocked(t, s, "public/x", 1); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Stage(t.Context(), "public/y"); err != nil {
				t.Fatal(err)
			}
			err = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
				if err != nil {
					return err
				}
				info, err := e.Info()
				if err != nil {
					return err
				}
				want := fs.FileMode(0o600)
				if e.IsDir() {
					want = 0o700
				}
				if info.Mode().Perm() != want {
					t.Errorf("%s has mode %03o, want %03o", path, info.Mode().Perm(), want)
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}

// TestDirectorySymlinks puts links that lead out of the store in every place.
func TestDirectorySymlinks(t *testing.T) {
	outside, dir := t.TempDir(), t.TempDir()
	secret := filepath.Join(outside, "secret")
	if err := os.WriteFile(secret, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, target := range map[string]string{
		"file": secret, "folder": outside, ".staging": outside, "relative": "../" + filepath.Base(outside),
	} {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Skip(err) // Windows without the privilege
		}
	}
	s := openStore(t, dir, store.Options{})
	for _, name := range []string{"file", "folder/secret", "relative/secret"} {
		if data, err := store.ReadFile(t.Context(), s, name); err == nil {
			t.Errorf("%s: read %q from outside the store", name, data)
		}
		if err := store.WriteFile(t.Context(), s, name, []byte("x")); err == nil {
			t.Errorf("%s: written outside the store", name)
		}
		s.Remove(t.Context(), name) // may fail or not, but not outside
	}
	if lock, err := s.Lock(t.Context(), storetest.Owner("run")); err == nil {
		if err := publishLocked(t, s, "folder/x", 1); err == nil {
			t.Error("published outside the store")
		}
		lock.Release()
	}
	entries, err := os.ReadDir(outside)
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(secret)
	if len(entries) != 1 || string(data) != "secret" || err != nil {
		t.Errorf("outside the store there are now %v, and %q (error %v)", entries, data, err)
	}
}

// TestDirectoryOthersFiles shows what somebody else put in the store.
func TestDirectoryOthersFiles(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{".DS_Store", "public/.hidden/x", "public/x"} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := openStore(t, dir, store.Options{})
	got, err := s.List(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	for i, o := range got {
		if time.Since(o.Modified) > time.Hour {
			t.Errorf("%s was modified at %s, want just now", o.Name, o.Modified)
		}
		got[i].Modified = time.Time{}
	}
	if diff := cmp.Diff([]store.Info{{Name: "public/x"}}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestDirectoryNotADirectory(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Open(t.Context(), path, store.Options{}); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("error %v, want one that names %s", err, path)
	}
}

// TestDirectoryReadOnly has no permission to write. (Root is always permitted:
// then the file system itself would have to be read-only.)
func TestDirectoryReadOnly(t *testing.T) {
	if os.Geteuid() == 0 || runtime.GOOS == "windows" {
		t.Skip("permissions do not hold this user back")
	}
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	s := openStore(t, dir, store.Options{})
	_, lockErr := s.Lock(t.Context(), storetest.Owner("run"))
	for _, err := range []error{lockErr, store.WriteFile(t.Context(), s, "a", nil)} {
		if !errors.Is(err, fs.ErrPermission) || !strings.Contains(err.Error(), dir) {
			t.Errorf("error %v, want fs.ErrPermission and the store's name", err)
		}
	}
}

// TestDirectoryKilled kills processes that publish without end. Each time the
// folder must be whole, the lock free, and the next to take it must sweep.
func TestDirectoryKilled(t *testing.T) {
	if dir := os.Getenv("STORE_TEST_PUBLISH_IN"); dir != "" {
		publishForEver(t, dir)
	}
	if testing.Short() {
		t.Skip("starts processes")
	}
	dir := t.TempDir()
	s := openStore(t, dir, store.Options{})
	for i := range 6 {
		cmd := exec.Command(os.Args[0], "-test.run=^TestDirectoryKilled$")
		cmd.Env = append(os.Environ(), "STORE_TEST_PUBLISH_IN="+dir)
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		// Each line is a publication; the kill comes somewhere in the next.
		lines := bufio.NewScanner(out)
		for range 1 + i%3 {
			if !lines.Scan() {
				t.Fatalf("the process ended by itself: %v", cmd.Wait())
			}
		}
		if _, err := s.Lock(t.Context(), storetest.Owner("second")); !errors.Is(err, store.ErrHeld) {
			t.Errorf("Lock while the process lives: error %v, want ErrHeld", err)
		}
		cmd.Process.Kill()
		cmd.Wait()
		wantEdition(t, s, "public/x", 1, 2)
		lock, err := s.Lock(t.Context(), storetest.Owner("next"))
		if err != nil {
			t.Fatal(err)
		}
		wantEdition(t, s, "public/x", 1, 2)
		if err := lock.Release(); err != nil {
			t.Fatal(err)
		}
		wantOnlyFolder(t, dir)
	}
}

func publishForEver(t *testing.T, dir string) {
	s := openStore(t, dir, store.Options{})
	if _, err := s.Lock(t.Context(), storetest.Owner("killed")); err != nil {
		t.Fatal(err)
	}
	for i := 0; ; i++ {
		if err := publishLocked(t, s, "public/x", 1+i%2); err != nil {
			t.Fatal(err)
		}
		fmt.Println("published")
	}
}

// TestDirectorySweep leaves a file unfinished, as a run that is killed does.
func TestDirectorySweep(t *testing.T) {
	dir := t.TempDir()
	begin := func(run string) store.Store {
		s, err := store.Open(t.Context(), dir, store.Options{Run: run})
		if err != nil {
			t.Fatal(err)
		}
		w, err := s.Create(t.Context(), "2025/a")
		if err == nil {
			_, err = w.Write([]byte("half"))
		}
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	begin("dead")
	living := begin("living")
	if err := living.Sweep(t.Context(), "dead", "2025"); err != nil {
		t.Fatal(err)
	}
	left, err := filepath.Glob(filepath.Join(dir, ".staging", "*"))
	if err != nil || len(left) != 1 || !strings.HasPrefix(filepath.Base(left[0]), "living.") {
		t.Errorf("left: %v, %v; want the file of the living run", left, err)
	}
}
