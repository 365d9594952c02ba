"""Makes v1.db: results of the first schema, with the numbers that are hard to keep.

Run it in this folder; it needs Python 3 with SQLite 3.37 or newer.
"""
import pathlib, sqlite3

path = pathlib.Path("v1.db")
path.unlink(missing_ok=True)
db = sqlite3.connect(path)
db.execute("PRAGMA page_size = 1024")
db.executescript(pathlib.Path("../migrations/0001_runs.sql").read_text())
db.execute("PRAGMA application_id = %d" % 0x56544252)
db.execute("PRAGMA user_version = 1")
at = "2026-11-24T22:15:0%d.123456Z"
db.execute("""INSERT INTO runs (id, name, purpose, status, started, seen, ended, experiment_file, experiment, fingerprint,
    seed, host, pid, process) VALUES ('2026-11-24-old', 'old', 'p', 'done', ?, ?, ?, 'x.yaml', 'name: old', 'f00',
    '18446744073709551615', 'there', 1, '')""", (at % 1, at % 2, at % 3))
for name, title, series, epoch, step, value in [
    ("loss", "Loss", "train", 1, 10, 0.1 + 0.2), ("f1", "F1 (old title)", "validation", 1, 10, 0.25),
    ("loss", "Loss", "train", 2, 20, float("inf")), ("f1", "F1", "validation", 2, 20, None),
    ("f1", "F1", "validation", -1, 0, 0.5),
]:
    db.execute("INSERT INTO scalars (run, name, title, series, phase, epoch, step, value, unit, better) "
               "VALUES (1, ?, ?, ?, 'head', ?, ?, ?, '', 'higher')", (name, title, series, epoch, step, value))
db.execute("INSERT INTO figures (run, shape, section, name, title, body) VALUES (1, 'table', 'data', 't', 'T', ?)",
           ('{"columns":["a"],"rows":[["<b>&\\"</b>"],[3],[3.0]]}',))
db.execute("INSERT INTO predictions (run, case_id, case_group, split, phase, label, probabilities, tags) "
           "VALUES (1, '1_l5_s1', '1', 'test', 'head', 2, '[0.25,0.75]', '{\"level\":\"l5_s1\"}')")
db.execute("INSERT INTO facts (run, name, value) VALUES (1, 'device', 'cpu')")
db.commit()
db.close()
