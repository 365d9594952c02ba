-- Times are UTC, RFC 3339 with microseconds, and sort as text.
-- A number that does not exist (NaN) is NULL.
-- The integer id of every table is the order in which things were recorded.

CREATE TABLE runs (
	number          INTEGER PRIMARY KEY,
	id              TEXT NOT NULL UNIQUE, -- 2026-11-24-frozen-then-top
	name            TEXT NOT NULL,
	purpose         TEXT NOT NULL,
	status          TEXT NOT NULL CHECK (status IN ('running', 'done', 'failed', 'interrupted')),
	started         TEXT NOT NULL,
	seen            TEXT NOT NULL,        -- when something was recorded last
	ended           TEXT,
	failure_kind    TEXT NOT NULL DEFAULT '',
	failure_message TEXT NOT NULL DEFAULT '',
	experiment_file TEXT NOT NULL,
	experiment      TEXT NOT NULL,        -- the resolved experiment, as YAML
	fingerprint     TEXT NOT NULL,
	seed            TEXT NOT NULL,        -- a uint64 does not fit an SQLite integer
	host            TEXT NOT NULL,
	pid             INTEGER NOT NULL,
	process         TEXT NOT NULL         -- tells two processes of one pid apart
) STRICT;
CREATE INDEX runs_name ON runs (name);

CREATE TABLE phases (
	id          INTEGER PRIMARY KEY,
	run         INTEGER NOT NULL REFERENCES runs (number) ON DELETE CASCADE,
	place       INTEGER NOT NULL, -- from 0
	name        TEXT NOT NULL,
	trainable   INTEGER NOT NULL,
	total       INTEGER NOT NULL,
	groups      TEXT NOT NULL,    -- JSON list of texts
	first_epoch INTEGER NOT NULL,
	last_epoch  INTEGER NOT NULL, -- 0 while the phase runs
	best_epoch  INTEGER NOT NULL,
	ended       TEXT NOT NULL,    -- why it ended
	UNIQUE (run, place)
) STRICT;

CREATE TABLE scalars (
	id     INTEGER PRIMARY KEY,
	run    INTEGER NOT NULL REFERENCES runs (number) ON DELETE CASCADE,
	name   TEXT NOT NULL,
	title  TEXT NOT NULL,
	series TEXT NOT NULL,
	phase  TEXT NOT NULL,
	epoch  INTEGER NOT NULL, -- -1 for the finished run
	step   INTEGER NOT NULL,
	value  REAL,
	unit   TEXT NOT NULL,
	better TEXT NOT NULL,    -- higher, lower or empty
	UNIQUE (run, name, series, phase, epoch, step)
) STRICT;

-- Everything that is drawn as one figure, in the order of the report.
CREATE TABLE figures (
	id      INTEGER PRIMARY KEY,
	run     INTEGER NOT NULL REFERENCES runs (number) ON DELETE CASCADE,
	shape   TEXT NOT NULL CHECK (shape IN ('curve', 'matrix', 'table', 'bars', 'gallery')),
	section TEXT NOT NULL,
	name    TEXT NOT NULL,
	title   TEXT NOT NULL,
	body    TEXT NOT NULL, -- JSON; see the views below
	UNIQUE (run, shape, section, name, title)
) STRICT;

CREATE TABLE pictures (
	id      INTEGER PRIMARY KEY,
	gallery INTEGER NOT NULL REFERENCES figures (id) ON DELETE CASCADE,
	caption TEXT NOT NULL,
	png     BLOB NOT NULL
) STRICT;
CREATE INDEX pictures_gallery ON pictures (gallery);

CREATE VIEW curves AS SELECT id, run, section, name, title,
	body ->> 'x_label' AS x_label, body ->> 'y_label' AS y_label, body -> 'lines' AS lines
	FROM figures WHERE shape = 'curve';
CREATE VIEW matrices AS SELECT id, run, section, name, title,
	body ->> 'rows_title' AS rows_title, body ->> 'column_title' AS column_title,
	body -> 'rows' AS "rows", body -> 'columns' AS columns, body -> 'values' AS "values"
	FROM figures WHERE shape = 'matrix';
CREATE VIEW tables AS SELECT id, run, section, name, title,
	body -> 'columns' AS columns, body -> 'rows' AS "rows"
	FROM figures WHERE shape = 'table';
CREATE VIEW bars AS SELECT id, run, section, name, title,
	body ->> 'y_label' AS y_label, body -> 'categories' AS categories, body -> 'groups' AS groups
	FROM figures WHERE shape = 'bars';
CREATE VIEW galleries AS SELECT id, run, section, name, title
	FROM figures WHERE shape = 'gallery';

CREATE TABLE predictions (
	id            INTEGER PRIMARY KEY,
	run           INTEGER NOT NULL REFERENCES runs (number) ON DELETE CASCADE,
	case_id       TEXT NOT NULL,
	case_group    TEXT NOT NULL, -- the study or the patient
	split         TEXT NOT NULL,
	phase         TEXT NOT NULL,
	label         INTEGER NOT NULL,
	probabilities TEXT NOT NULL, -- JSON list, one for each class
	tags          TEXT NOT NULL, -- JSON object
	UNIQUE (run, split, phase, case_id)
) STRICT;

CREATE TABLE events (
	id    INTEGER PRIMARY KEY,
	run   INTEGER NOT NULL REFERENCES runs (number) ON DELETE CASCADE,
	at    TEXT NOT NULL,
	level TEXT NOT NULL, -- info, warning or error
	stage TEXT NOT NULL,
	text  TEXT NOT NULL
) STRICT;
CREATE INDEX events_run ON events (run);

CREATE TABLE artefacts (
	id     INTEGER PRIMARY KEY,
	run    INTEGER NOT NULL REFERENCES runs (number) ON DELETE CASCADE,
	kind   TEXT NOT NULL,
	path   TEXT NOT NULL,
	bytes  INTEGER NOT NULL,
	sha256 TEXT NOT NULL,
	UNIQUE (run, path)
) STRICT;

CREATE TABLE facts (
	id    INTEGER PRIMARY KEY,
	run   INTEGER NOT NULL REFERENCES runs (number) ON DELETE CASCADE,
	name  TEXT NOT NULL,
	value TEXT NOT NULL,
	UNIQUE (run, name)
) STRICT;
