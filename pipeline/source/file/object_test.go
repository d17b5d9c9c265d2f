package file

import (
	"bytes"
	"compress/gzip"
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"peil/pipeline/engine"
	"peil/pipeline/source"
	"peil/pipeline/store"
	"peil/pipeline/store/storetest"
)

// bucketOf starts an S3 server that holds some objects, and says how to open buckets of it.
func bucketOf(t *testing.T, objects map[string]string) (*storetest.S3, func(context.Context, string) (store.Store, error)) {
	t.Helper()
	server := storetest.NewS3(t)
	open := func(ctx context.Context, location string) (store.Store, error) {
		return store.Open(ctx, location, server.Options())
	}
	s, err := open(t.Context(), "s3://"+storetest.Bucket)
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range objects {
		if err := store.WriteFile(t.Context(), s, name, []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	return server, open
}

func zipped(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	w.Write([]byte(text))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// parquetOf is a Parquet file with the rows of a query.
func parquetOf(t *testing.T, query string) string {
	t.Helper()
	dir := t.TempDir()
	db, err := engine.Open(t.Context(), engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	path := filepath.Join(dir, "f.parquet")
	if err := db.Exec(t.Context(), "COPY ("+query+") TO "+engine.Literal(path)+" (FORMAT parquet)"); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestObjects(t *testing.T) {
	objects := map[string]string{
		"export/members.csv":    "member_id;branch;subscription\r\n1;FORUM;Caf\xe9\r\n2\r\n3;ROKK;J\r\n",
		"export/loans-2.csv.gz": zipped(t, "branch,material,kind,loaned_at\nB,BOEK,loan,2025-01-02\n"),
		"export/loans-1.csv":    "branch,material,kind,loaned_at\nA,BOEK,loan,2025-01-01\n",
		"export/old/loans.csv":  "branch,material,kind,loaned_at\nOLD,BOEK,loan,2020-01-01\n",
		"export/bad.parquet":    "PAR1 and the rest",
		"export/units.parquet":  parquetOf(t, "SELECT 'ROKK' AS branch, 'Rokkeveen' AS name"),
		"export/loans.parquet":  parquetOf(t, "SELECT 'P' AS branch, 'BOEK' AS material, 'loan' AS kind, DATE '2025-01-03' AS loaned_at"),
		"branches.csv":          "branch,name\nFORUM,Forum\n",
	}
	server, bucket := bucketOf(t, objects)
	const at = "s3://" + storetest.Bucket + "/"
	input := func(path string) map[string]Input {
		return map[string]Input{source.Loans: {Paths: []string{path}}}
	}
	runDir, err := os.MkdirTemp(memoryRoot, "peil-test-")
	if err != nil {
		t.Skip("there is nothing like " + memoryRoot)
	}
	defer os.RemoveAll(runDir)
	o := Options{RunDir: runDir, Bucket: bucket, Tables: map[string]Input{
		source.Members:  {Paths: []string{at + "export/members.csv"}},
		source.Branches: {Query: write(t, t.TempDir(), "q.sql", "SELECT branch, upper(name) AS name FROM units"), Files: map[string][]string{"units": {at + "*.csv", at + "export/units.parquet"}}},
		source.Loans:    {Paths: []string{at + "export/loans-*.csv*", at + "export/loans.parquet"}},
	}}
	s, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Paths()) != 0 {
		t.Errorf("the vault is to read %q itself", s.Paths())
	}
	db := vault(t, o.RunDir, s.Paths())
	var got [][]string
	var rejects []source.Reject
	for _, table := range s.Tables() {
		for _, p := range table.Parts {
			read, rejected := rows(t, db, p)
			for _, row := range read {
				got = append(got, append([]string{p.Name()}, row[:2]...))
			}
			rejects = append(rejects, rejected...)
		}
	}
	want := [][]string{
		{s.Tables()[0].Parts[0].Name(), "FORUM", "FORUM"}, {s.Tables()[0].Parts[0].Name(), "ROKK", "ROKKEVEEN"},
		{at + "export/members.csv", "1", "FORUM"}, {at + "export/members.csv", "3", "ROKK"},
		{at + "export/loans-1.csv", "A", "BOEK"}, {at + "export/loans-2.csv.gz", "B", "BOEK"},
		{at + "export/loans.parquet", "P", "BOEK"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]source.Reject{{Part: at + "export/members.csv", Line: 3, Code: tooFewColumns}}, rejects); diff != "" {
		t.Errorf("rejects (-want +got):\n%s", diff)
	}

	for path, says := range map[string]string{
		at + "export/none.csv":     "the object does not exist",
		at + "none/*.csv":          "no object matches",
		at + "export/[.csv":        "cannot be understood",
		at + "export/bad.parquet":  "the Parquet file is damaged or cut off",
		"s3://" + storetest.Bucket: "names no object",
		"s3://nowhere/x.csv":       "the object does not exist",
	} {
		_, err := Open(t.Context(), Options{Some: true, Bucket: bucket, Tables: input(path)})
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: got error %v, want %q", path, err, says)
		}
	}

	// A connection that breaks is taken up again; an object that is replaced is noticed.
	part := s.Tables()[1].Parts[0]
	broken := false
	server.Around(func(w http.ResponseWriter, r *http.Request, serve http.Handler) {
		if r.Method == http.MethodGet && !broken {
			broken = true
			panic(http.ErrAbortHandler)
		}
		serve.ServeHTTP(w, r)
	})
	if read, _ := rows(t, db, part); len(read) != 2 || !broken {
		t.Errorf("%d rows over a connection that broke (%t)", len(read), broken)
	}
	whole, err := bucket(t.Context(), "s3://"+storetest.Bucket)
	if err != nil {
		t.Fatal(err)
	}
	if err := store.WriteFile(t.Context(), whole, "export/members.csv", []byte("member_id;branch\n1;X\n")); err != nil {
		t.Fatal(err)
	}
	_, err = part.Read(t.Context(), db, func(relation string) string { return "CREATE OR REPLACE TABLE t AS FROM " + relation })
	if err == nil || !strings.Contains(err.Error(), "changed while it was being read") {
		t.Errorf("got error %v for an object that was replaced", err)
	}
}
