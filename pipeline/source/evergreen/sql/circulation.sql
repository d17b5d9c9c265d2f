-- Circulations that are not aged; a renewal is a row of its own that names its parent.
-- needs: action.circulation id usr xact_start target_copy circ_lib checkin_time parent_circ
-- needs: asset.copy id circ_lib call_number circ_modifier
-- needs: actor.org_unit id shortname
-- group: id / 250 of action.circulation
-- group: id / 16 of asset.copy
-- changed: SELECT greatest(max(xact_start), max(checkin_time)) FROM action.circulation
-- codes material: SELECT DISTINCT coalesce(nullif(circ_modifier, ''), 'other') FROM asset.copy
SELECT
    -- since: c.id / 250 AS peil_1, c.target_copy / 16 AS peil_2,
    c.usr AS member_id, l.shortname AS branch, w.shortname AS owner_branch, k.call_number AS title_id,
    coalesce(nullif(k.circ_modifier, ''), 'other') AS material,
    CASE WHEN c.parent_circ IS NULL THEN 'loan' ELSE 'renewal' END AS kind,
    c.xact_start AS loaned_at, c.checkin_time AS returned_at
FROM action.circulation c
LEFT JOIN actor.org_unit l ON l.id = c.circ_lib
LEFT JOIN asset.copy k ON k.id = c.target_copy
LEFT JOIN actor.org_unit w ON w.id = k.circ_lib
