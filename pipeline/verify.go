package pipeline

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

// Verify recomputes the hash and size of every published file, in one folder or, with
// folder empty, in the whole store, and compares them with the manifests.
func Verify(ctx context.Context, s store.Store, folder string) ([]Verified, error) {
	folder = strings.Trim(folder, "/")
	folders, manifests, err := publications(ctx, s, folder)
	if err != nil {
		return nil, err
	}
	if folder != "" && len(folders) == 0 {
		return nil, fmt.Errorf("verify %s: there is no manifest in it or below it", folder)
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

func verifyFolder(ctx context.Context, s store.Store, folder string, m *Manifest) (Verified, error) {
	v := Verified{Folder: folder, Files: len(m.Files)}
	var names []string
	for _, f := range m.Files {
		names = append(names, f.Name)
		bytes, sum, err := hashObject(ctx, s, path.Join(folder, f.Name))
		switch {
		case errors.Is(err, fs.ErrNotExist):
			v.Differs = append(v.Differs, f.Name+" is missing")
		case err != nil:
			return v, fmt.Errorf("verify %s/%s: %w", folder, f.Name, err)
		case bytes != f.Bytes:
			v.Differs = append(v.Differs, fmt.Sprintf("%s has %d bytes, the manifest says %d", f.Name, bytes, f.Bytes))
		case sum != f.SHA256:
			v.Differs = append(v.Differs, f.Name+" has other content than the manifest says")
		}
		v.Bytes += bytes
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

func hashObject(ctx context.Context, s store.Store, name string) (int64, string, error) {
	r, err := s.Open(ctx, name)
	if err != nil {
		return 0, "", err
	}
	defer r.Close()
	sum := sha256.New()
	n, err := io.Copy(sum, r)
	return n, hex.EncodeToString(sum.Sum(nil)), err
}
