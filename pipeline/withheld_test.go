package pipeline_test

import (
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"peil/pipeline"
	"peil/pipeline/exit"
)

// A feed that would tell too much of a few members is withheld. It says nothing against the
// data: what later runs need of this one is kept all the same.
func TestWhatIsKeptWhereAFeedIsWithheld(t *testing.T) {
	l := newLater(t)
	l.write("peil.yaml", strings.Replace(strings.Replace(laterConfig, "branches: branches.csv", "branches: branches.csv, loans: loans.csv", 1),
		"{new-members: {months: 12}}", "{new-members: {months: 12}, kb: {}, wsob: {}}", 1))
	members, loans := "member_id,branch,first_registered_on,last_registered_on,birth_date,sex,postcode\n", "member_id,branch,material,kind,loaned_at\n"
	for i := range 12 {
		members += fmt.Sprintf("%d,A,2020-01-01,2020-01-01,1990-01-01,F,2711AA\n", i+1)
		loans += fmt.Sprintf("%d,A,book,loan,2024-12-%02d\n", i+1, i+10)
	}
	l.write("members.csv", members)
	l.write("loans.csv", loans)
	s, err := pipeline.Run(t.Context(), pipeline.Options{
		Config: l.load(), AsOf: time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC), Version: "test", Env: os.LookupEnv, Now: time.Now, Random: rand.Reader, Events: func(pipeline.Event) {},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range s.Outputs {
		if withheld := o.Name == "kb"; (o.Status == pipeline.Withheld) != withheld {
			t.Errorf("%s is %s: %v", o.Name, o.Status, o.Why)
		}
	}
	if s.ExitStatus() != exit.Withheld || len(s.Frozen) == 0 {
		t.Errorf("status %d, frozen %v", s.ExitStatus(), s.Frozen)
	}
	for _, kept := range []string{"private/state/*/members.csv.age", "private/state/firsts-2024/manifest.json", "private/frozen/months/2024-12/manifest.json", "private/frozen/new-members/2024-12/manifest.json"} {
		if found, err := filepath.Glob(filepath.Join(l.dir, "out", kept)); err != nil || len(found) == 0 {
			t.Errorf("%s is not kept", kept)
		}
	}
}
