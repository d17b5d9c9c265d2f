package archive

import (
	"context"
	"path"
	"strings"

	"peil/pipeline/store"
)

// Publications lists the manifests below public and private, by folder.
func Publications(ctx context.Context, s store.Store, prefixes ...string) (folders []string, manifests []*Manifest, err error) {
	for _, prefix := range prefixes {
		all, err := Folders(ctx, s, prefix)
		if err != nil {
			return nil, nil, err
		}
		for _, f := range all {
			if path.Dir(f) == StateFolder || strings.HasPrefix(f, "private/frozen/") {
				continue
			}
			m, err := ReadManifest(ctx, s, f)
			if err != nil {
				return nil, nil, err
			}
			folders, manifests = append(folders, f), append(manifests, m)
		}
	}
	return folders, manifests, nil
}
