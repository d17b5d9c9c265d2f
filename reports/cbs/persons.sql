-- One row a person valid on the peildatum, in the fields of cbs-lgb/1.
SELECT
    strftime(p.birth_date, '%Y%m%d') AS geboortedatum,
    CASE p.sex WHEN 'M' THEN '1' WHEN 'F' THEN '2' ELSE '-' END AS geslacht,
    strftime(p.last_on, '%Y%m%d') AS laatste_inschrijfdatum,
    {{isil}} AS isil,
    p.postcode AS postcode,
    CAST(p.house_number AS VARCHAR) AS huisnummer,
    nullif(concat(p.house_letter, p.house_addition), '') AS huisnummertoevoeging,
    strftime(r.peildatum, '%Y%m%d') AS werkelijke_peildatum
FROM population p CROSS JOIN parameters r
ORDER BY ALL
