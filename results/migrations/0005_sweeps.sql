-- A sweep is a queue of trials; see ARCHITECTURE.md.
CREATE TABLE sweeps (
	number     INTEGER PRIMARY KEY,
	id         TEXT NOT NULL UNIQUE, -- 2026-11-26-rates
	name       TEXT NOT NULL,
	purpose    TEXT NOT NULL,
	file       TEXT NOT NULL,
	experiment TEXT NOT NULL,        -- the resolved experiment with its section sweep, as YAML
	objective  TEXT NOT NULL,        -- validation.loss
	better     TEXT NOT NULL CHECK (better IN ('higher', 'lower')),
	wish       TEXT NOT NULL CHECK (wish IN ('run', 'pause', 'stop')), -- what people asked for
	status     TEXT NOT NULL CHECK (status IN ('running', 'paused', 'stopped', 'done')),
	because    TEXT NOT NULL DEFAULT '', -- why it is no longer running
	started    TEXT NOT NULL,        -- for the first time
	seen       TEXT NOT NULL,        -- the heartbeat of the process that runs it
	ended      TEXT,
	deadline   TEXT,
	host       TEXT NOT NULL,
	pid        INTEGER NOT NULL,
	process    TEXT NOT NULL         -- tells two processes of one pid apart
) STRICT;
CREATE INDEX sweeps_name ON sweeps (name);

-- One run of a trial: with several seeds or folds a trial has several.
CREATE TABLE trials (
	id              INTEGER PRIMARY KEY,
	sweep           INTEGER NOT NULL REFERENCES sweeps (number) ON DELETE CASCADE,
	number          INTEGER NOT NULL, -- from 0
	replicate       INTEGER NOT NULL, -- from 0: which seed and fold
	origin          TEXT NOT NULL CHECK (origin IN ('baseline', 'search', 'added')),
	settings        TEXT NOT NULL,    -- JSON object: what is varied
	sets            TEXT NOT NULL,    -- JSON list of path=value: what people or a retry set besides
	note            TEXT NOT NULL,    -- what the search wants to know of its proposal
	experiment      TEXT NOT NULL,    -- resolved, as YAML; empty until the trial first starts
	max_epochs      INTEGER NOT NULL, -- of the whole training
	state           TEXT NOT NULL CHECK (state IN ('queued', 'running', 'paused', 'done', 'stopped', 'failed')),
	reason          TEXT NOT NULL,    -- why it is paused, stopped or ended early
	attempt         INTEGER NOT NULL, -- how often it was begun since it last came further
	epochs          INTEGER NOT NULL, -- trained and stored so far
	value           REAL,             -- of the objective; NULL where there is none
	run             TEXT NOT NULL,    -- id of its run
	checkpoint      TEXT NOT NULL,    -- where it goes on from
	device          TEXT NOT NULL,    -- leased while it runs
	lease           TEXT,             -- until when, unless renewed
	heartbeat       TEXT,
	host            TEXT NOT NULL,
	pid             INTEGER NOT NULL,
	process         TEXT NOT NULL,
	seconds         REAL NOT NULL,    -- computed in all its parts
	failure_kind    TEXT NOT NULL,    -- out of memory, not a number, timeout, data, user, crash, machine
	failure_message TEXT NOT NULL,
	log             TEXT NOT NULL,    -- the last lines of a failed trial
	created         TEXT NOT NULL,
	ended           TEXT,
	UNIQUE (sweep, number, replicate)
) STRICT;

CREATE TABLE trial_values (
	id    INTEGER PRIMARY KEY,
	trial INTEGER NOT NULL REFERENCES trials (id) ON DELETE CASCADE,
	epoch INTEGER NOT NULL, -- from 1
	value REAL,
	UNIQUE (trial, epoch)
) STRICT;

-- When trials computed, and where.
CREATE TABLE trial_spans (
	id      INTEGER PRIMARY KEY,
	trial   INTEGER NOT NULL REFERENCES trials (id) ON DELETE CASCADE,
	device  TEXT NOT NULL,
	begun   TEXT NOT NULL,
	ended   TEXT,             -- NULL while it computes, and where its end was not seen
	startup REAL NOT NULL,    -- seconds until the first step of training
	first   INTEGER NOT NULL, -- epochs before
	last    INTEGER NOT NULL, -- epochs after
	outcome TEXT NOT NULL
) STRICT;
CREATE INDEX trial_spans_trial ON trial_spans (trial);

CREATE TABLE sweep_events (
	id    INTEGER PRIMARY KEY,
	sweep INTEGER NOT NULL REFERENCES sweeps (number) ON DELETE CASCADE,
	trial INTEGER,          -- number of the trial; NULL where it is about all
	at    TEXT NOT NULL,
	level TEXT NOT NULL,
	text  TEXT NOT NULL
) STRICT;
CREATE INDEX sweep_events_sweep ON sweep_events (sweep);
