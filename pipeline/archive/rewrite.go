package archive

import (
	"context"
	"path"

	"peil/pipeline/store"
)

// Rewrite publishes a folder anew: every file as write writes it under the same name, with a
// manifest. Until all is written the folder stays as it was. Where a bucket keeps versions,
// what stood there before is still to be erased.
func Rewrite(ctx context.Context, s store.Store, folder string, manifest []byte, write func(set store.Set, name string) error) error {
	set, err := s.Stage(ctx, folder)
	if err != nil {
		return err
	}
	defer set.Discard()
	objects, err := s.List(ctx, folder)
	if err != nil {
		return err
	}
	for _, o := range objects {
		if name := path.Base(o.Name); name != store.ManifestName {
			if err := write(set, name); err != nil {
				return err
			}
		}
	}
	return set.Publish(ctx, manifest)
}
