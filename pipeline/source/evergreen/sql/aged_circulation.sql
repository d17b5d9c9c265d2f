-- Circulations that Evergreen has parted from their patron. Of the patron it keeps birth
-- year and postcode, which are not read.
-- needs: action.aged_circulation id xact_start target_copy circ_lib checkin_time parent_circ copy_circ_lib copy_call_number
-- needs: asset.copy id circ_modifier
-- needs: actor.org_unit id shortname
-- group: id / 250 of action.aged_circulation
-- group: id / 16 of asset.copy
-- changed: SELECT greatest(max(xact_start), max(checkin_time)) FROM action.aged_circulation
SELECT
    -- since: c.id / 250 AS peil_1, c.target_copy / 16 AS peil_2,
    l.shortname AS branch, w.shortname AS owner_branch, c.copy_call_number AS title_id,
    coalesce(nullif(k.circ_modifier, ''), 'other') AS material,
    CASE WHEN c.parent_circ IS NULL THEN 'loan' ELSE 'renewal' END AS kind,
    c.xact_start AS loaned_at, c.checkin_time AS returned_at
FROM action.aged_circulation c
LEFT JOIN actor.org_unit l ON l.id = c.circ_lib
LEFT JOIN asset.copy k ON k.id = c.target_copy
LEFT JOIN actor.org_unit w ON w.id = c.copy_circ_lib
