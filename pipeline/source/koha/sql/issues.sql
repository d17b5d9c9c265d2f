-- Checkouts, of the table of those on loan or that of those returned. Anonymisation gives
-- a loan to the anonymous patron, or to nobody.
-- needs: {{.Table}} borrowernumber itemnumber branchcode issuedate returndate onsite_checkout timestamp
-- needs: items itemnumber biblionumber biblioitemnumber homebranch itype ccode
-- needs: deleteditems itemnumber biblionumber biblioitemnumber homebranch itype ccode
-- needs: systempreferences variable value
-- group: DATE(issuedate) of {{.Table}}
-- group: itemnumber DIV 16 of items deleteditems
{{- if not .ItemLevel}}
-- group: biblioitemnumber DIV 16 of biblioitems deletedbiblioitems
{{- end}}
-- changed: SELECT CONCAT(MAX(timestamp), ' UTC') FROM {{.Table}}
-- codes branch: SELECT DISTINCT branchcode FROM {{.Table}}
-- codes material: SELECT DISTINCT {{if .ItemLevel}}itype FROM items{{else}}itemtype FROM biblioitems{{end}}
-- codes audience: SELECT DISTINCT ccode FROM items
-- codes genre: SELECT DISTINCT ccode FROM items
{{- if not .ItemLevel}}
-- needs: biblioitems biblioitemnumber itemtype
-- needs: deletedbiblioitems biblioitemnumber itemtype
{{- end}}
SELECT
    -- since: DATE(e.issuedate) AS peil_1,
    -- since: e.itemnumber DIV 16 AS peil_2,
{{- if not .ItemLevel}}
    -- since: COALESCE(i.biblioitemnumber, d.biblioitemnumber) DIV 16 AS peil_3,
{{- end}}
    IF(e.borrowernumber = {{.AnonymousPatron}}, NULL, e.borrowernumber) AS member_id, e.branchcode AS branch,
    COALESCE(i.homebranch, d.homebranch) AS owner_branch, COALESCE(i.biblionumber, d.biblionumber) AS title_id,
    COALESCE({{if .ItemLevel}}i.itype, d.itype{{else}}t.itemtype, u.itemtype{{end}}) AS material,
    COALESCE(i.ccode, d.ccode) AS audience, COALESCE(i.ccode, d.ccode) AS genre,
    IF(e.onsite_checkout = 1, 'onsite_checkout', 'issue') AS kind,
    CAST(e.issuedate AS CHAR) AS loaned_at, CAST(e.returndate AS CHAR) AS returned_at
FROM {{.Table}} e
LEFT JOIN items i ON i.itemnumber = e.itemnumber
LEFT JOIN deleteditems d ON d.itemnumber = e.itemnumber
{{- if not .ItemLevel}}
LEFT JOIN biblioitems t ON t.biblioitemnumber = COALESCE(i.biblioitemnumber, d.biblioitemnumber)
LEFT JOIN deletedbiblioitems u ON u.biblioitemnumber = COALESCE(i.biblioitemnumber, d.biblioitemnumber)
{{- end}}
