package delivery

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"filippo.io/age"
)

func TestEncryptForSeveralRecipients(t *testing.T) {
	var public []string
	var identities []age.Identity
	for range 2 {
		id, err := age.GenerateX25519Identity()
		if err != nil {
			t.Fatal(err)
		}
		public = append(public, " "+id.Recipient().String()+"\n")
		identities = append(identities, id)
	}
	testEncrypt(t, public, identities)
}

func TestEncryptPostQuantum(t *testing.T) {
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	testEncrypt(t, []string{id.Recipient().String()}, []age.Identity{id})
}

// testEncrypt encrypts to all of the keys and decrypts with each identity.
func testEncrypt(t *testing.T, public []string, identities []age.Identity) {
	t.Helper()
	recipients, err := ParseRecipients(public)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w, err := Encrypt(&b, recipients)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, "contents"); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for _, id := range identities {
		r, err := age.Decrypt(bytes.NewReader(b.Bytes()), id)
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(r)
		if err != nil || string(got) != "contents" {
			t.Errorf("decrypted %q, error %v", got, err)
		}
	}
}

func TestEncryptNeedsRecipients(t *testing.T) {
	if _, err := Encrypt(io.Discard, nil); err == nil {
		t.Error("encrypted to nobody")
	}
}

func TestParseRecipientsRefuses(t *testing.T) {
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	hybrid, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	good, pq := id.Recipient().String(), hybrid.Recipient().String()
	tests := []struct {
		name string
		keys []string
		want string
	}{
		{"none", nil, "none given"},
		{"empty", []string{good, " "}, "recipient 2: the key is empty"},
		{"secret key", []string{good, id.String()}, "recipient 2: this is a secret key"},
		{"secret key in small letters", []string{strings.ToLower(id.String())}, "recipient 1: this is a secret key"},
		{"post-quantum secret key", []string{hybrid.String()}, "this is a secret key"},
		{"ssh-ed25519", []string{"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI user@host"}, "SSH keys are not accepted"},
		{"ecdsa", []string{"ecdsa-sha2-nistp256 AAAAE2VjZHNh user@host"}, "SSH keys are not accepted"},
		{"cut off", []string{good[:40]}, "not a valid age public key"},
		{"one letter wrong", []string{flipLast(good)}, "not a valid age public key"},
		{"post-quantum, one letter wrong", []string{flipLast(pq)}, "not a valid post-quantum age public key"},
		{"plugin", []string{"age1yubikey1qwt50d05nh5vutpdzmlg5wn80xq5negm4uj9ghv0snvdd3yysf5yw3rhl3t"}, "of a plugin"},
		{"something else", []string{"hunter2"}, "should begin with age1"},
		{"kinds mixed", []string{good, pq}, "cannot be mixed"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := ParseRecipients(test.keys)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("error %v, want one that says %q", err, test.want)
			}
			for _, key := range test.keys {
				if len(key) > 4 && strings.Contains(strings.ToLower(err.Error()), strings.ToLower(key)) {
					t.Errorf("the error shows the key: %v", err)
				}
			}
		})
	}
}

// flipLast changes the last letter of a key, so that its checksum is wrong.
func flipLast(key string) string {
	last := byte('q')
	if key[len(key)-1] == 'q' {
		last = 'p'
	}
	return key[:len(key)-1] + string(last)
}
