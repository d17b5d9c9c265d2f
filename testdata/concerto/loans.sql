-- Circulations; a renewal is a row of its own that names its parent. The sample's copies
-- carry no kind of material.
SELECT c.usr AS member_id, l.shortname AS branch, w.shortname AS owner_branch, k.call_number AS title_id,
    'other' AS material, CASE WHEN c.parent_circ IS NULL THEN 'loan' ELSE 'renewal' END AS kind,
    c.xact_start AS loaned_at, c.checkin_time AS returned_at
FROM circulation c
LEFT JOIN unit l ON l.id = c.circ_lib
LEFT JOIN copy k ON k.id = c.target_copy
LEFT JOIN unit w ON w.id = k.circ_lib
ORDER BY CAST(c.id AS INTEGER)
