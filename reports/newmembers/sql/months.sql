-- A row a month of the period, with how it was counted. Key: month. Class: public.
SELECT month, basis, moves_known FROM months WHERE month >= ?::DATE AND month < ?::DATE ORDER BY month;
