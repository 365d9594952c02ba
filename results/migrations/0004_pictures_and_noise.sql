-- Galleries know whose pictures they show and where the net looked.
ALTER TABLE pictures ADD COLUMN case_id TEXT NOT NULL DEFAULT ''; -- as in predictions; empty where it is no case
ALTER TABLE pictures ADD COLUMN overlay BLOB;                     -- a small PNG to be stretched over the picture

-- Thumbnails of the cases that runs got wrong. Runs of one data set share them.
CREATE TABLE images (
	id     INTEGER PRIMARY KEY,
	sha256 TEXT NOT NULL UNIQUE,
	png    BLOB NOT NULL
) STRICT;
CREATE TABLE thumbnails (
	id      INTEGER PRIMARY KEY,
	run     INTEGER NOT NULL REFERENCES runs (number) ON DELETE CASCADE,
	case_id TEXT NOT NULL,
	image   INTEGER NOT NULL REFERENCES images (id),
	UNIQUE (run, case_id)
) STRICT;
CREATE INDEX thumbnails_image ON thumbnails (image);
CREATE TRIGGER thumbnails_last AFTER DELETE ON thumbnails
	WHEN NOT EXISTS (SELECT 1 FROM thumbnails WHERE image = old.image)
	BEGIN DELETE FROM images WHERE id = old.image; END;

-- How much the final numbers of an experiment differ from seed to seed.
CREATE TABLE noise (
	id         INTEGER PRIMARY KEY,
	at         TEXT NOT NULL,
	name       TEXT NOT NULL,    -- of the experiment
	data       TEXT NOT NULL,    -- fingerprint of the data
	experiment TEXT NOT NULL,    -- hash of the resolved experiment without seed, name and purpose
	series     TEXT NOT NULL,    -- validation or test
	metric     TEXT NOT NULL,
	seeds      INTEGER NOT NULL, -- how many runs
	mean       REAL,
	deviation  REAL,             -- standard deviation between seeds, divided by seeds - 1
	lowest     REAL,
	highest    REAL,
	runs       TEXT NOT NULL,    -- JSON list of ids of runs
	UNIQUE (data, experiment, series, metric)
) STRICT;
