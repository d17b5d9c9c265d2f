package demo

import (
	"crypto/rand"
	"embed"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"text/template"
	"time"

	"filippo.io/age"
)

//go:embed papers/*
var paperFiles embed.FS

var papers = template.Must(template.ParseFS(paperFiles, "papers/*"))

// writePapers writes what is not data: key, identity, configuration, explanation.
func writePapers(o Options, m *Made) error {
	o.Progress("configuration and keys")
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		return fmt.Errorf("make identity: %w", err)
	}
	m.Recipient = identity.Recipient().String()
	key := make([]byte, 32)
	rand.Read(key) // never fails
	values := map[string]any{
		"Key":       hex.EncodeToString(key),
		"Identity":  identity.String(),
		"Recipient": m.Recipient,
		"AsOf":      o.AsOf.Format(time.DateOnly),
		"Compact":   o.AsOf.Format("20060102"),
		"Seed":      o.Seed,
		"Memory":    o.Memory,
		"Threads":   o.Threads,
	}
	for _, path := range []string{m.KeyPath, m.IdentityPath, m.ConfigPath, o.path("README.txt")} {
		if err := writePaper(path, values); err != nil {
			return fmt.Errorf("write %s: %w", filepath.Base(path), err)
		}
	}
	return nil
}

func writePaper(path string, values map[string]any) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if err := papers.ExecuteTemplate(f, filepath.Base(path), values); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}
