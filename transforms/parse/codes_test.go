package parse_test

import "testing"

func TestSexes(t *testing.T) {
	check(t, []string{"parse_sex(v)", "sex_code(v)"}, [][]string{
		{"M", "M", "ok"}, {"m", "M", "ok"}, {"Man", "M", "ok"}, {"MALE", "M", "ok"}, {"mannelijk", "M", "ok"}, {"1", "M", "ok"},
		{"V", "F", "ok"}, {"v", "F", "ok"}, {" Vrouw ", "F", "ok"}, {"F", "F", "ok"}, {"female", "F", "ok"}, {"W", "F", "ok"},
		{"vr.", "F", "ok"}, {"2", "F", "ok"},
		{"X", "X", "ok"}, {"x", "X", "ok"}, {"Anders", "X", "ok"}, {"non-binair", "X", "ok"},
		{"", null, "empty"}, {" ", null, "empty"}, {"NULL", null, "empty"}, {"n.v.t.", null, "empty"},
		{"Instelling", null, "institution"}, {"I", null, "institution"}, {"Inst.", null, "institution"},
		{"o", null, "unknown"}, {"Onbekend", null, "unknown"}, {"-", null, "unknown"}, {"?", null, "unknown"}, {"0", null, "unknown"}, {"9", null, "unknown"},
		{"zz", null, "invalid"}, {"3", null, "invalid"}, {"MV", null, "invalid"},
	})
}

func TestBooleans(t *testing.T) {
	check(t, []string{"parse_bool(v)"}, [][]string{
		{"true", "true"}, {"TRUE", "true"}, {"t", "true"}, {"Ja", "true"}, {"j", "true"}, {"yes", "true"}, {"Y", "true"},
		{"waar", "true"}, {"1", "true"}, {"1.0", "true"}, {" 1 ", "true"},
		{"false", "false"}, {"F", "false"}, {"nee", "false"}, {"N", "false"}, {"no", "false"}, {"onwaar", "false"}, {"0", "false"}, {"0.0", "false"},
		{"", null}, {"2", null}, {"misschien", null},
	})
}

func TestIdentifiers(t *testing.T) {
	check(t, []string{"parse_id(v)", "member_ref(v)"}, [][]string{
		{"123", "123", "123"},
		{" 123\u00a0", "123", "123"},
		{"00123", "00123", "00123"},
		{"123.0", "123", "123"},
		{"00123.00", "00123", "00123"},
		{"123,0", "123", "123"},
		{"123.5", "123.5", "123.5"},
		{"1.23E+12", null, null},
		{"1,23457E+12", null, null},
		{"1E5", "1E5", "1E5"},
		{"AB 12", "AB 12", "AB 12"},
		{"d2b9a1f0-0000-4000-8000-000000000000", "d2b9a1f0-0000-4000-8000-000000000000", "d2b9a1f0-0000-4000-8000-000000000000"},
		{"é1", "é1", "é1"},
		{"0", "0", null},
		{"0.0", "0", null},
		{"000", "000", null},
		{"-5", "-5", null},
		{"-5.0", "-5", null},
		{"-A5", "-A5", "-A5"},
		{"", null, null},
		{" \t", null, null},
		{"NULL", null, null},
		{"nULL", null, null},
		{"OOST", "OOST", "OOST"},
		{`\N`, null, null},
		{"-", null, null},
	})
}

func TestISILs(t *testing.T) {
	check(t, []string{"isil_code(v)", "isil_organisation(v)"}, [][]string{
		{"NL-0823450000", "ok-organisation", "NL-0823450000"},
		{"NL-0823451001", "ok-location", "NL-0823450000"},
		{" nl-0823452101 ", "ok-location", "NL-0823450000"},
		{"NL-0712340000", "ok-organisation", "NL-0712340000"},
		{"NL-0112340000", "ok-organisation", "NL-0112340000"},
		{"NL-0912340000", "invalid", null},
		{"NL0823450000", "invalid", null},
		{"NL-082345000", "invalid", null},
		{"NL-08234500000", "invalid", null},
		{"DE-0823450000", "invalid", null},
		{"", "empty", null},
		{"nvt", "empty", null},
	})
}
