package pipeline

import (
	"context"
	"path"
	"strings"

	"peil/pipeline/store"
)

// publications lists the manifests below public and private, by folder.
func publications(ctx context.Context, s store.Store, prefixes ...string) (folders []string, manifests []*Manifest, err error) {
	for _, prefix := range prefixes {
		all, err := published(ctx, s, prefix)
		if err != nil {
			return nil, nil, err
		}
		for _, f := range all {
			if path.Dir(f) == stateFolder || strings.HasPrefix(f, "private/frozen/") {
				continue
			}
			m, err := readManifest(ctx, s, f)
			if err != nil {
				return nil, nil, err
			}
			folders, manifests = append(folders, f), append(manifests, m)
		}
	}
	return folders, manifests, nil
}
