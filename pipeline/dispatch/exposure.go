package dispatch

import (
	"cmp"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"peil/pipeline/archive"
	"peil/pipeline/config"
	"peil/pipeline/exit"
)

// What stands under private/ must never be where others look: a destination of
// deliveries, static hosting, an artefact of CI.

// CheckDestination refuses a destination of an output that lies in the store, or in which
// the store lies: whoever may read the one could read the other.
func CheckDestination(c *config.Config, output string) error {
	d := c.Deliver[output]
	to, home := locate(c, d.To, cmp.Or(d.S3, &c.S3)), locate(c, c.Store, &c.S3)
	if to.within(home) || home.within(to) {
		return exit.Usagef("deliver.%s.to in %s is %s, and the store is %s: whoever reads the one could read what is private in the other; deliver to a place of its own", output, c.File(), d.To, c.Store)
	}
	return nil
}

// CheckPublic refuses a place that is to be shown to others, such as static hosting or an
// artefact of CI, unless it is the store's public part, or a place without any part of the
// store. A link in it that leads elsewhere is refused, too.
func CheckPublic(c *config.Config, shown string) error {
	at, home := locate(c, shown, &c.S3), locate(c, c.Store, &c.S3)
	public := home
	public.path = append(public.path[:len(public.path):len(public.path)], "public")
	if !at.within(public) && (at.within(home) || home.within(at)) {
		return exit.Usagef("%s must not be shown: it holds what is private in the store %s; show %s", shown, c.Store, strings.TrimSuffix(c.Store, "/")+"/public")
	}
	if at.host != "" {
		return nil
	}
	return filepath.WalkDir(archive.Absolute(c, shown), func(path string, e fs.DirEntry, err error) error {
		if err == nil && e.Type()&fs.ModeSymlink != 0 {
			return exit.Usagef("%s must not be shown: %s in it is a link to elsewhere", shown, path)
		}
		if os.IsNotExist(err) {
			return nil // nothing is there yet
		}
		return err
	})
}

// location is a folder on this machine or a prefix in a bucket, by its elements.
type location struct {
	host string // of the bucket; empty: this machine
	path []string
}

func locate(c *config.Config, text string, s *config.S3) location {
	if _, rest, ok := strings.Cut(text, "://"); ok {
		return location{host: cmp.Or(s.Endpoint, "s3"), path: elements(rest)}
	}
	return location{path: elements(filepath.ToSlash(resolve(archive.Absolute(c, text))))}
}

func elements(path string) []string {
	return strings.FieldsFunc(path, func(r rune) bool { return r == '/' })
}

// resolve follows the links in as much of a path as exists.
func resolve(path string) string {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		return real
	}
	parent := filepath.Dir(path)
	if parent == path {
		return path
	}
	return filepath.Join(resolve(parent), filepath.Base(path))
}

// within says whether a is b or lies below it.
func (a location) within(b location) bool {
	if a.host != b.host || len(a.path) < len(b.path) {
		return false
	}
	for i := range b.path {
		if a.path[i] != b.path[i] {
			return false
		}
	}
	return true
}
