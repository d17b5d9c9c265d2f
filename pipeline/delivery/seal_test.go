package delivery

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"filippo.io/age"
)

func TestSealRoundTrip(t *testing.T) {
	const chunk = 64 << 10 // age's
	for _, size := range []int{0, 1, 1000, chunk - 1, chunk, chunk + 1, 3*chunk + 7} {
		plain := pattern(size)
		sealed := sealAll(t, plain, testKey)
		if size > 32 && bytes.Contains(sealed, plain[:32]) {
			t.Errorf("%d bytes: the sealed file holds plain text", size)
		}
		got, err := open(sealed, testKey)
		if err != nil {
			t.Fatalf("%d bytes: %v", size, err)
		}
		if !bytes.Equal(got, plain) {
			t.Errorf("%d bytes: read back %d bytes that differ", size, len(got))
		}
		if bytes.Equal(sealed, sealAll(t, plain, testKey)) {
			t.Errorf("%d bytes: sealing twice gives the same file", size)
		}
	}
}

// TestSealedFormat holds the format still: files of today must open later.
func TestSealedFormat(t *testing.T) {
	sealed := "age-encryption.org/v1\n" + sealedToday
	got, err := open([]byte(sealed), testKey)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != "peil" {
		t.Errorf("opened to %q", got)
	}
}

func TestOpenWrongKey(t *testing.T) {
	sealed := sealAll(t, []byte("state"), testKey)
	for i := range testKey {
		key := testKey
		key[i] ^= 1
		if _, err := Open(bytes.NewReader(sealed), key); !errors.Is(err, ErrWrongKey) {
			t.Errorf("key with byte %d changed: error %v, want ErrWrongKey", i, err)
		}
	}
}

// TestOpenDamaged cuts a sealed file at every length and flips each of its
// bits: nothing but a prefix of the plain text may come out, and no such file
// may pass as whole.
func TestOpenDamaged(t *testing.T) {
	plain := []byte("member 1: new in 2024-12")
	sealed := sealAll(t, plain, testKey)
	for n := range sealed {
		wantDamaged(t, fmt.Sprintf("cut to %d bytes", n), sealed[:n], plain)
	}
	for i := range len(sealed) * 8 {
		damaged := bytes.Clone(sealed)
		damaged[i/8] ^= 1 << (i % 8)
		wantDamaged(t, fmt.Sprintf("bit %d flipped", i), damaged, plain)
	}
	wantDamaged(t, "lengthened", append(bytes.Clone(sealed), 0), plain)
}

// TestOpenDamagedChunks does the same, by sample, where there are several chunks.
func TestOpenDamagedChunks(t *testing.T) {
	plain := pattern(200_000)
	sealed := sealAll(t, plain, testKey)
	random := rand.New(rand.NewPCG(1, 2))
	for range 100 {
		n := random.IntN(len(sealed))
		wantDamaged(t, fmt.Sprintf("cut to %d bytes", n), sealed[:n], plain)
		damaged := bytes.Clone(sealed)
		damaged[n] ^= 1 << random.IntN(8)
		wantDamaged(t, fmt.Sprintf("byte %d changed", n), damaged, plain)
	}
}

func wantDamaged(t *testing.T, what string, sealed, plain []byte) {
	t.Helper()
	got, err := open(sealed, testKey)
	if err == nil {
		t.Errorf("%s: opened without an error", what)
	}
	if !bytes.HasPrefix(plain, got) {
		t.Errorf("%s: bytes that were never written came out", what)
	}
}

func TestOpenRefusesOtherHeaders(t *testing.T) {
	identity, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	for name, recipients := range map[string][]age.Recipient{
		"a recipient's file": {identity.Recipient()},
		"one more recipient": {sealKey(testKey), identity.Recipient()},
		"two seals":          {sealKey(testKey), sealKey(testKey)},
	} {
		var b bytes.Buffer
		w, err := age.Encrypt(&b, recipients...)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		_, err = Open(&b, testKey)
		if err == nil || !strings.Contains(err.Error(), "not a file sealed by Peil") {
			t.Errorf("%s: error %v, want one that refuses the header", name, err)
		}
	}
}

func TestSealWriteErrors(t *testing.T) {
	full := errors.New("disk full")
	for room := range len(sealAll(t, pattern(100), testKey)) {
		w, err := Seal(&limitedWriter{room, full}, testKey)
		if err == nil {
			_, err = w.Write(pattern(100))
		}
		if err == nil {
			err = w.Close()
		}
		if !errors.Is(err, full) {
			t.Fatalf("room for %d bytes: error %v, want the writer's", room, err)
		}
	}
}

func FuzzOpen(f *testing.F) {
	f.Add([]byte("age-encryption.org/v1\n" + sealedToday))
	f.Add([]byte("age-encryption.org/v1\n-> peil-key\n\n--- \n"))
	f.Fuzz(func(t *testing.T, sealed []byte) {
		got, err := open(sealed, testKey)
		if err == nil && string(got) != "peil" {
			t.Errorf("a file that was never sealed opened to %d bytes", len(got))
		}
	})
}

var testKey = [32]byte{0: 1, 15: 2, 31: 3}

// sealedToday is "peil" under testKey, after age's first line.
const sealedToday = "-> peil-key iOoZ19D6LUo01Nek9zKZYw\nN9AMHQ1f8lwwY1qIF23P2Kr8JbOng7Vnj3wJwwFTBn0\n--- G2EKDzlsfy2aj2pApEWWH26BFCuebuPZaVdrMffYCD4\n\xf5\x01\xb4\xa7\xefD\xa1\x87\xef\x7f_\xa7k\xc9$\x0f\x0f\aӆڙ\xf8\xe7[\x93p\xa0M!H\xf4\x1ft\x11+"

func sealAll(t *testing.T, plain []byte, key [32]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := Seal(&b, key)
	if err == nil {
		_, err = w.Write(plain)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func open(sealed []byte, key [32]byte) ([]byte, error) {
	r, err := Open(bytes.NewReader(sealed), key)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

// pattern returns n bytes that repeat nowhere soon.
func pattern(n int) []byte {
	var b bytes.Buffer
	for i := 0; b.Len() < n; i++ {
		fmt.Fprintf(&b, "row %d;", i)
	}
	return b.Bytes()[:n]
}

// limitedWriter has room for so many bytes.
type limitedWriter struct {
	room int
	err  error
}

func (w *limitedWriter) Write(p []byte) (int, error) {
	if len(p) > w.room {
		n := w.room
		w.room = 0
		return n, w.err
	}
	w.room -= len(p)
	return len(p), nil
}
