package results

import "path/filepath"

// checkDrive refuses network drives. SQLite's log has an index in shared memory,
// which two machines do not share, and locks there often do nothing: two writers
// would destroy the file (https://sqlite.org/wal.html, https://sqlite.org/faq.html#q5).
func checkDrive(path, kind string) error {
	if kind == "" {
		return nil
	}
	return fault("keep it on a local disk, such as --db /var/tmp/"+filepath.Base(path)+", and copy it with runner backup",
		"results %s: is on a network drive (%s), where SQLite cannot keep writers apart: numbers could be lost", path, kind)
}
