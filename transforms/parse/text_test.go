package parse_test

import "testing"

func TestText(t *testing.T) {
	check(t, []string{"clean_text(v)", "text_code(v)"}, [][]string{
		{"Jeugd 0-17", "Jeugd 0-17", "ok"},
		{"  Jeugd \t\u00a0 0-17\r\n", "Jeugd 0-17", "ok"},
		{"a\v\u0085b", "a b", "ok"},
		{"Café", "Café", "ok"},
		{"CafÃ©", "Café", "double-encoded"},
		{"Ã\u00a0 la carte", "à la carte", "double-encoded"},
		{"â€œGrootâ€\u009d", "“Groot”", "double-encoded"},
		{"5 â‚¬", "5 €", "double-encoded"},
		{"Ã\u0081lvarez", "Álvarez", "double-encoded"},
		{"ðŸ˜€", "😀", "double-encoded"},
		{"SÃO PAULO", "SÃO PAULO", "ok"},
		{"łódź CafÃ©", "łódź CafÃ©", "ok"},
		{"a\x00b", "ab", "control-characters"},
		{"a\x1bb", "ab", "control-characters"},
		{"\u202eabc", "abc", "control-characters"},
		{"\ufeffabc", "abc", "control-characters"},
		{"a\u200db", "a\u200db", "ok"},
		{"", null, "empty"},
		{" \u00a0\t", null, "empty"},
		{"\x00", null, "empty"},
	})
}
