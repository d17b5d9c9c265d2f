package pseudonym

import (
	"crypto/hmac"
	"crypto/sha256"
	"database/sql/driver"
	"fmt"
	"hash"
	"sync"

	"github.com/duckdb/duckdb-go/v2"

	"peil/pipeline/engine"
)

// Pseudonym is the keyed pseudonym of an id under a subkey.
func Pseudonym(subkey [Size]byte, id string) [16]byte {
	mac := hmac.New(sha256.New, subkey[:])
	mac.Write([]byte(id))
	return [16]byte(mac.Sum(nil))
}

// Install gives an instance the SQL function pseudonym(VARCHAR) -> UUID under the
// key's subkey of a purpose. The key never stands in SQL text, where a log or an
// error could show it.
func (k Key) Install(db *engine.DB, purpose string) error {
	return InstallFunction(db, "pseudonym", k.Derive(purpose))
}

// InstallFunction gives an instance a function name(VARCHAR) -> UUID: the keyed pseudonym
// under a subkey.
func InstallFunction(db *engine.DB, name string, subkey [Size]byte) error {
	text, err := duckdb.NewTypeInfo(duckdb.TYPE_VARCHAR)
	if err != nil {
		return fmt.Errorf("install pseudonym function: %w", err)
	}
	id, err := duckdb.NewTypeInfo(duckdb.TYPE_UUID)
	if err != nil {
		return fmt.Errorf("install pseudonym function: %w", err)
	}
	f := &function{
		config: duckdb.ScalarFuncConfig{InputTypeInfos: []duckdb.TypeInfo{text}, ResultTypeInfo: id},
		macs:   sync.Pool{New: func() any { return hmac.New(sha256.New, subkey[:]) }},
	}
	if err := duckdb.RegisterScalarUDF(db.Conn(), name, f); err != nil {
		return fmt.Errorf("install pseudonym function: %w", err)
	}
	return nil
}

type function struct {
	config duckdb.ScalarFuncConfig
	// macs are reused: Reset restores the padded key states, which is four times
	// faster than starting from the key for each id.
	macs sync.Pool
}

func (f *function) Config() duckdb.ScalarFuncConfig { return f.config }

func (f *function) Executor() duckdb.ScalarFuncExecutor {
	return duckdb.ScalarFuncExecutor{RowExecutor: func(values []driver.Value) (any, error) {
		mac := f.macs.Get().(hash.Hash)
		defer f.macs.Put(mac)
		mac.Reset()
		mac.Write([]byte(values[0].(string)))
		var sum [sha256.Size]byte
		return duckdb.UUID(mac.Sum(sum[:0])[:16]), nil
	}}
}
