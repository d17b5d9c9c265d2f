package archive

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"peil/pipeline/exit"
	"peil/pipeline/store"
)

// Verified is what was found out about one published folder.
type Verified struct {
	Folder string `json:"folder"`
	Files  int    `json:"files"`
	Bytes  int64  `json:"bytes"`
	// Differs names what is not as the manifest says, a sentence each; empty: all is
	// well.
	Differs []string `json:"differs,omitempty"`
}

// Verify recomputes the hash and size of published files and compares them with the
// manifests: of one file, of a folder and those below it or, with name empty, of the whole
// store.
func Verify(ctx context.Context, s store.Store, name string) ([]Verified, error) {
	name = strings.Trim(name, "/")
	folders, manifests, err := Publications(ctx, s, name)
	if err != nil {
		return nil, err
	}
	if len(folders) == 0 && name != "" && name != "public" && name != "private" {
		return verifyOne(ctx, s, name)
	}
	var all []Verified
	for i, f := range folders {
		v, err := verifyFolder(ctx, s, f, manifests[i])
		if err != nil {
			return all, err
		}
		all = append(all, v)
	}
	return all, nil
}

// verifyOne verifies a single published file.
func verifyOne(ctx context.Context, s store.Store, name string) ([]Verified, error) {
	m, err := ReadManifest(ctx, s, path.Dir(name))
	if err != nil {
		return nil, err
	}
	if m != nil {
		for _, f := range m.Files {
			if f.Name == path.Base(name) {
				v := Verified{Folder: name, Files: 1}
				err := v.compare(ctx, s, path.Dir(name), f)
				return []Verified{v}, err
			}
		}
	}
	return nil, fmt.Errorf("verify %s: it is no published file, and there is no manifest in it or below it", name)
}

func verifyFolder(ctx context.Context, s store.Store, folder string, m *Manifest) (Verified, error) {
	v := Verified{Folder: folder, Files: len(m.Files)}
	var names []string
	for _, f := range m.Files {
		names = append(names, f.Name)
		if err := v.compare(ctx, s, folder, f); err != nil {
			return v, err
		}
	}
	objects, err := s.List(ctx, folder)
	if err != nil {
		return v, err
	}
	for _, o := range objects {
		if name := strings.TrimPrefix(o.Name, folder+"/"); !strings.Contains(name, "/") && name != store.ManifestName && !slices.Contains(names, name) {
			v.Differs = append(v.Differs, name+" is not in the manifest")
		}
	}
	return v, nil
}

// compare holds a file against its entry in the manifest.
func (v *Verified) compare(ctx context.Context, s store.Store, folder string, f File) error {
	bytes, sum, err := HashObject(ctx, s, path.Join(folder, f.Name))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		v.Differs = append(v.Differs, f.Name+" is missing")
	case err != nil:
		return fmt.Errorf("verify %s/%s: %w", folder, f.Name, err)
	case bytes != f.Bytes:
		v.Differs = append(v.Differs, fmt.Sprintf("%s has %d bytes, the manifest says %d", f.Name, bytes, f.Bytes))
	case sum != f.SHA256:
		v.Differs = append(v.Differs, f.Name+" has other content than the manifest says")
	}
	v.Bytes += bytes
	return nil
}

// Identify finds the published files that a file outside the store is a copy of, whatever
// its name: their names in the store. There may be none.
func Identify(ctx context.Context, s store.Store, content io.Reader) ([]string, error) {
	hash := sha256.New()
	if _, err := io.Copy(hash, content); err != nil {
		return nil, err
	}
	sum := hex.EncodeToString(hash.Sum(nil))
	folders, manifests, err := Publications(ctx, s, "public", "private")
	if err != nil {
		return nil, err
	}
	var names []string
	for i, m := range manifests {
		for _, f := range m.Files {
			if f.SHA256 == sum {
				names = append(names, path.Join(folders[i], f.Name))
			}
		}
	}
	return names, nil
}

// SavePublic copies verified folders of the store's public part, and the page that lists
// them, into a folder of this machine, for static hosting or an artefact of CI. It refuses
// what is not public, and what is not as its manifest says.
func SavePublic(ctx context.Context, s store.Store, found []Verified, dir string) error {
	to, err := store.Open(ctx, dir, store.Options{})
	if err != nil {
		return err
	}
	defer to.Close()
	names := []string{"public/index.html"}
	for _, v := range found {
		if !strings.HasPrefix(v.Folder, "public/") || len(v.Differs) > 0 {
			return exit.Usagef("save %s: only what is public and as its manifest says is saved", v.Folder)
		}
		objects, err := s.List(ctx, v.Folder)
		if err != nil {
			return err
		}
		for _, o := range objects {
			names = append(names, o.Name)
		}
	}
	for _, name := range names {
		if err := CopyObject(ctx, s, name, to, strings.TrimPrefix(name, "public/")); err != nil {
			return fmt.Errorf("save %s: %w", name, err)
		}
	}
	return nil
}

// Creator is a store, or a set on its way into one.
type Creator interface {
	Create(ctx context.Context, name string) (store.Writer, error)
}

// CopyObject copies an object as it is, under another name.
func CopyObject(ctx context.Context, from store.Store, name string, to Creator, as string) error {
	r, err := from.Open(ctx, name)
	if err != nil {
		return err
	}
	defer r.Close()
	w, err := to.Create(ctx, as)
	if err != nil {
		return err
	}
	defer w.Abort()
	if _, err := io.Copy(w, r); err != nil {
		return err
	}
	return w.Commit()
}

// HashObject gives the size and the SHA-256 of an object.
func HashObject(ctx context.Context, s store.Store, name string) (int64, string, error) {
	r, err := s.Open(ctx, name)
	if err != nil {
		return 0, "", err
	}
	defer r.Close()
	sum := sha256.New()
	n, err := io.Copy(sum, r)
	return n, hex.EncodeToString(sum.Sum(nil)), err
}

// HexSum is the SHA-256 of some bytes, in hexadecimal digits.
func HexSum(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
