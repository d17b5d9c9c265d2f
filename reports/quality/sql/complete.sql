-- One row a branch: how many persons are valid on the peildatum, and of how many each field
-- that CBS asks for is not known. Class: counts of persons.
SELECT b.branch || coalesce(' ' || b.name, ''), count(*), count(*) - count(p.birth_date), count(*) - count(p.sex), count(*) - count(p.last_on),
    count(*) FILTER (p.postcode IS NULL AND p.postcode_code <> 'foreign'), count(*) FILTER (p.house_number IS NULL AND p.postcode_code <> 'foreign')
FROM population p JOIN branches b ON b.branch_no = p.branch_no
GROUP BY b.branch, b.name
ORDER BY b.branch
