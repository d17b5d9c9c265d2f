package rights

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"path"
	"strings"

	"peil/pipeline/delivery"
	"peil/pipeline/pseudonym"
	"peil/pipeline/store"
)

// A member set tells who was in a delivery, and whether what was sent of them is still so.
// It is sealed; one line a member id:
//
//	ID,ROW
//
// ID is the keyed id of the member, ROW 64 bits of the keyed hash of what was sent of the
// person, both hexadecimal. The ids of one person share a ROW, and no others do.

// SetName is the name of the member set of a publication, by its output and its folder
// below that of the output: 2025-01-01, or 2025-01-01/r2.
func SetName(output, below string) string {
	return path.Join(delivery.SetFolder, output+"-"+strings.ReplaceAll(below, "/", "-")+".age")
}

// SetSQL is the query of the lines of the CBS population, for the vault.
func (r *Register) SetSQL() string {
	return fmt.Sprintf(`SELECT replace(register_id(%d, 'member ' || k.member_id)::VARCHAR, '-', '') AS id,
		left(replace(register_id(%[1]d, concat_ws('|', 'row', lead.member_id, coalesce(p.birth_date::VARCHAR, ''), coalesce(p.sex, ''), coalesce(p.last_on::VARCHAR, ''), coalesce(p.postcode, ''),
			coalesce(p.house_number::VARCHAR, ''), coalesce(p.house_letter, ''), coalesce(p.house_addition, '')))::VARCHAR, '-', ''), 16) AS line
		FROM member_keys k JOIN population p ON p.mk = k.mk JOIN record_rows lead ON lead.rowid = k.mk
		ORDER BY ALL`, r.KeyNo())
}

// In finds members of the register in a set: the ROW of each that is in it, by keyed id. want
// are keyed ids under whatever secret.
func In(ctx context.Context, s store.Store, key pseudonym.Key, set string, want map[string]bool) (map[string]string, error) {
	found := map[string]string{}
	err := eachLine(ctx, s, key, set, func(id, row string) error {
		if want[id] {
			found[id] = row
		}
		return nil
	})
	return found, err
}

func eachLine(ctx context.Context, s store.Store, key pseudonym.Key, set string, do func(id, row string) error) error {
	sealed, err := s.Open(ctx, set)
	if err != nil {
		return fmt.Errorf("read the member set %s: %w", path.Base(set), err)
	}
	defer sealed.Close()
	plain, err := delivery.Open(sealed, key.Derive(pseudonym.Rights))
	if err != nil {
		return fmt.Errorf("read the member set %s: %w", path.Base(set), err)
	}
	lines := bufio.NewScanner(plain)
	for lines.Scan() {
		id, row, _ := strings.Cut(lines.Text(), ",")
		if err := do(id, row); err != nil {
			return err
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("read the member set %s: %w", path.Base(set), err)
	}
	return nil
}

// Drop makes of a set one without a member, with all lines of that person; nil if the member
// was not in it. ids are the keyed ids of the member. The caller commits the writer, after
// the ledger knows of the new set.
func Drop(ctx context.Context, s store.Store, key pseudonym.Key, set delivery.Set, ids map[string]bool) (*delivery.Set, store.Writer, error) {
	found, err := In(ctx, s, key, set.Name, ids)
	if err != nil || len(found) == 0 {
		return nil, nil, err
	}
	rows := map[string]bool{}
	for _, row := range found {
		rows[row] = true
	}
	left := &delivery.Set{Name: set.Name, Persons: set.Persons - int64(len(rows))}
	w, err := NewSet(ctx, s, key, left, func(w io.Writer) error {
		return eachLine(ctx, s, key, set.Name, func(id, row string) error {
			if rows[row] {
				return nil
			}
			_, err := io.WriteString(w, id+","+row+"\n")
			return err
		})
	})
	return left, w, err
}

// Line is the line of a member in the set of a disclosure that is of one member.
func (r *Register) Line(member string) string { return r.Keys[r.KeyNo()].id(member) + ",\n" }

// NewSet writes a set that is not to be seen yet: the caller commits or aborts it.
func NewSet(ctx context.Context, s store.Store, key pseudonym.Key, set *delivery.Set, lines func(io.Writer) error) (store.Writer, error) {
	w, err := s.Create(ctx, set.Name)
	if err != nil {
		return nil, fmt.Errorf("write the member set %s: %w", path.Base(set.Name), err)
	}
	sum := sha256.New()
	envelope, err := delivery.Seal(io.MultiWriter(w, sum), key.Derive(pseudonym.Rights))
	if err == nil {
		buffered := bufio.NewWriterSize(envelope, 64<<10)
		if err = lines(buffered); err == nil {
			err = buffered.Flush()
		}
	}
	if err == nil {
		err = envelope.Close()
	}
	if err != nil {
		w.Abort()
		return nil, fmt.Errorf("write the member set %s: %w", path.Base(set.Name), err)
	}
	set.SHA256 = hex.EncodeToString(sum.Sum(nil))
	return w, nil
}
