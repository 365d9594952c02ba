-- Figures may be sets of points. Only a check of the table changes, so its rows stay where
-- they are: the second procedure of https://sqlite.org/lang_altertable.html#otheralter.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, '''bars'', ''gallery''', '''bars'', ''scatter'', ''gallery''')
	WHERE type = 'table' AND name = 'figures';
PRAGMA writable_schema = RESET;

CREATE VIEW scatters AS SELECT id, run, section, name, title,
	body -> 'x' AS x, body -> 'y' AS y, body -> 'cases' AS cases
	FROM figures WHERE shape = 'scatter';
