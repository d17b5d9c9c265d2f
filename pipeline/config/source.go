package config

import (
	"slices"
	"strings"
)

var sourceTypes = []string{"file", "koha", "evergreen", "folio", "sql"}

// checkSource finds what a source of its type lacks, or cannot have.
func (c *Config) checkSource(bad faultFunc) *Error {
	s := c.Source
	switch {
	case s.Type == "":
		return bad("source.type", "write type: file", "the type of the source is missing")
	case !slices.Contains(sourceTypes, s.Type):
		return bad("source.type", "use one of "+strings.Join(sourceTypes, ", "), "source type %q is not supported by this version", s.Type)
	}
	for table := range s.Columns {
		if !slices.Contains(tables, table) {
			return bad("source.columns."+table, "use one of "+strings.Join(tables, ", "), "there is no table of that name")
		}
	}
	for list := range s.Codes {
		if !slices.Contains(codeLists, list) {
			return bad("source.codes."+list, "use one of "+strings.Join(codeLists, ", "), "there is no code list of that name")
		}
	}
	if err := c.checkSystem(bad); err != nil {
		return err
	}
	for _, t := range c.inputs() {
		switch {
		case t.InDatabase() && !s.Database():
			return bad("source."+t.table, "name the files that it reads under files", "a query of type file reads files, and none is named")
		case s.Columns[t.table] != nil && s.Database() && len(t.Paths) == 0:
			return bad("source.columns."+t.table, "take it out; a query names its columns itself", "headings are those of files, and this table is none")
		}
	}
	if s.Database() {
		return c.checkConnection(bad)
	}
	return nil
}

type input struct {
	table string
	Input
}

func (c *Config) inputs() []input {
	s := c.Source
	return []input{{"members", s.Members}, {"loans", s.Loans}, {"branches", s.Branches}, {"memberships", s.Memberships}}
}

// checkSystem finds what belongs to another type of source, and tables that are missing.
func (c *Config) checkSystem(bad faultFunc) *Error {
	s := c.Source
	switch {
	case s.LoansFrom != "" && s.Type != "koha":
		return bad("source.loans_from", "take it out", "only a source of type koha has two kinds of loans")
	case s.LoansFrom != "" && s.LoansFrom != "statistics" && s.LoansFrom != "issues":
		return bad("source.loans_from", "write statistics or issues", "%q is neither", s.LoansFrom)
	case (s.Tenant != "") != (s.Type == "folio"):
		return bad("source.tenant", "write the tenant of a source of type folio, as in tenant: diku, and of no other", "the tenant is missing, or not used")
	case s.HomeBranch != "" && s.Type != "folio":
		return bad("source.home_branch", "take it out", "only a source of type folio keeps it in a custom field")
	case (s.Connection.System != "") != (s.Type == "sql"):
		return bad("source.connection.system", "write mariadb or postgresql for a source of type sql, and nothing for others", "the system of the database is missing, or not used")
	case s.Type == "sql" && s.Connection.System != "mariadb" && s.Connection.System != "postgresql":
		return bad("source.connection.system", "write mariadb or postgresql", "%q is neither", s.Connection.System)
	case s.Type == "sql" && !s.Members.Given():
		return bad("source.members", "write members: {query: members.sql}", "the members are missing")
	case s.Type == "sql" && !s.Branches.Given():
		return bad("source.branches", "write branches: {query: branches.sql}, or name a file", "the branches are missing")
	case s.Type == "file" && !s.Members.Given():
		return bad("source.members", "name the file with the members", "the members are missing")
	case s.Type == "file" && !s.Branches.Given():
		return bad("source.branches", "name the file with the branches (columns branch, name)", "the branches are missing")
	}
	return nil
}

func (c *Config) checkConnection(bad faultFunc) *Error {
	s := c.Source.Connection
	places := 0
	for _, given := range []bool{s.Password.File != "", s.Password.Env != "", len(s.Password.Command) > 0} {
		if given {
			places++
		}
	}
	switch {
	case !c.Source.SnapshotOn.IsZero():
		return bad("source.snapshot_on", "take it out", "a database is read as it is now")
	case s.Database == "":
		return bad("source.connection.database", "write the name of the database", "the database is missing")
	case s.User == "":
		return bad("source.connection.user", "write the name of an account that may only read", "the user is missing")
	case places > 1:
		return bad("source.connection.password", "write one of env: NAME, file: PATH or command: [PROGRAM, ARGUMENT]", "%d places for the password are given", places)
	case s.Host != "" && s.Socket != "":
		return bad("source.connection.socket", "write host or socket", "both host and socket are given")
	case s.Port < 0 || s.Port > 65535:
		return bad("source.connection.port", "write a number up to 65535", "%d is out of range", s.Port)
	case !slices.Contains([]string{"", "verify", "off"}, s.TLS.Mode):
		return bad("source.connection.tls.mode", "write verify or off", "%q is neither", s.TLS.Mode)
	case s.ConnectTimeout <= 0 || s.StatementTimeout <= 0 || s.RetryFor < 0:
		return bad("source.connection", "write times such as 10s, 5m or 1h", "a time is zero or negative")
	}
	return nil
}
