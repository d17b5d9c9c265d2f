package archive

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"peil/pipeline/config"
	"peil/pipeline/store"
)

// OpenStore opens the configured store.
func OpenStore(ctx context.Context, c *config.Config) (store.Store, error) {
	s, err := OpenPlace(ctx, c.S3, Absolute(c, c.Store), "")
	if err != nil {
		return nil, fmt.Errorf("open the store: %w", err)
	}
	if err := checkStore(ctx, s); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Absolute makes a location of the configuration absolute, unless it is a URL.
func Absolute(c *config.Config, location string) string {
	if strings.Contains(location, "://") {
		return location
	}
	return c.Path(location)
}

// OpenPlace opens a folder, or a prefix of a bucket. What is written there bears the mark
// of the run. A bucket that is not known to be within the EU is refused.
func OpenPlace(ctx context.Context, s config.S3, location, run string) (store.Store, error) {
	opened, err := store.Open(ctx, location, store.Options{Run: run, S3: store.S3Options{
		Endpoint: s.Endpoint, Region: s.Region, Profile: s.Profile, PathStyle: s.PathStyle, Encryption: s.Encryption, KMSKey: s.KMSKey,
	}})
	if err != nil {
		return nil, err
	}
	if place, ok := store.PlaceOf(opened); ok {
		if err := withinEU(place, s); err != nil {
			return nil, errors.Join(err, opened.Close())
		}
	}
	return opened, nil
}
