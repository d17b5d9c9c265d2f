package archive

import (
	"context"
	"encoding/json"
	"fmt"
	"path"

	"peil/pipeline/store"
)

// SealedFolders are the folders below a prefix of which the files are sealed under the
// library's key, with the ids of the keys in their manifests.
func SealedFolders(ctx context.Context, s store.Store, prefix string) (folders []string, keys map[string]string, err error) {
	all, err := Folders(ctx, s, prefix)
	if err != nil {
		return nil, nil, err
	}
	keys = map[string]string{}
	for _, folder := range all {
		text, err := store.ReadFile(ctx, s, path.Join(folder, store.ManifestName))
		if err != nil {
			return nil, nil, fmt.Errorf("read manifest of %s: %w", folder, err)
		}
		var m struct {
			KeyID string `json:"key_id"`
		}
		if err := json.Unmarshal(text, &m); err != nil {
			return nil, nil, fmt.Errorf("read manifest of %s: it is damaged: %w", folder, err)
		}
		keys[folder] = m.KeyID
	}
	return all, keys, nil
}
