-- loans_read: one row a loan, renewal, return or other event. Key: its place in the source.
-- Class: pseudonymous. Reads: loans. The member's id becomes the run-local number; the
-- row without a date cannot be counted in any period and is a reject. A code that is not
-- mapped is kept as it stands, to be listed. A title is kept in the weeks of which the KB
-- is told, and nowhere else. The tables joined on the right are the small
-- ones: joins run as written.
SELECT
    CASE WHEN k.kind = 'person' THEN k.mk END AS mk,
    CASE WHEN l.member_ref IS NULL THEN 'anonymous' ELSE coalesce(k.kind, 'unknown') END AS borrower,
    coalesce(b.branch_no, 0) AS branch_no, o.branch_no AS owner_branch_no,
    coalesce(m.value, 'other') AS material, coalesce(a.value, 'unknown') AS audience, coalesce(g.value, 'unknown') AS genre,
    coalesce(t.value, 'unknown') AS kind,
    l.loaned_on, coalesce(l.school, false) AS school,
    CASE WHEN b.branch_no IS NULL THEN l.branch END AS unmapped_branch,
    CASE WHEN m.value IS NULL THEN l.material END AS unmapped_material,
    CASE WHEN a.value IS NULL THEN l.audience END AS unmapped_audience,
    CASE WHEN g.value IS NULL THEN l.genre END AS unmapped_genre,
    CASE WHEN t.value IS NULL THEN l.kind END AS unmapped_kind,
    -- only what has the shape of an ISBN, an EAN or a PPN: another number is the library's own
    CASE WHEN l.loaned_on >= p.titles_from AND l.loaned_on < p.titles_until AND regexp_full_match(bare_title(l.title_id), '[0-9]{13}|[0-9]{8,9}[0-9X]')
        THEN bare_title(l.title_id) END AS title
FROM (
    SELECT member_ref(member_id) AS member_ref, upper(trim(branch)) AS branch, upper(trim(owner_branch)) AS owner_branch,
        upper(trim(material)) AS material, upper(trim(audience)) AS audience, upper(trim(genre)) AS genre, upper(trim(kind)) AS kind,
        CAST(parse_time(loaned_at) AS DATE) AS loaned_on, parse_bool(school) AS school, title_id
    FROM {{relation}}
) l
LEFT JOIN borrowers k ON k.member_id = l.member_ref
LEFT JOIN branch_codes b ON b.code = l.branch
LEFT JOIN branch_codes o ON o.code = l.owner_branch
LEFT JOIN (SELECT code, value::material_code AS value FROM code_map WHERE list = 'material') m ON m.code = l.material
LEFT JOIN (SELECT code, value::audience_code AS value FROM code_map WHERE list = 'audience') a ON a.code = l.audience
LEFT JOIN (SELECT code, value::genre_code AS value FROM code_map WHERE list = 'genre') g ON g.code = l.genre
LEFT JOIN (SELECT code, value::loan_kind_code AS value FROM code_map WHERE list = 'loan_kind') t ON t.code = l.kind
CROSS JOIN parameters p
