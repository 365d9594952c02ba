package results

import (
	"fmt"
	"path/filepath"
	"syscall"
)

// networkDrives are the statfs(2) types of file systems on other machines.
var networkDrives = map[int64]string{
	0x6969: "NFS", 0x517b: "SMB", 0xff534d42: "SMB", 0xfe534d42: "SMB", 0x01021997: "9P",
	0x00c36400: "Ceph", 0x0bd00bd0: "Lustre", 0x47504653: "GPFS", 0x5346414f: "AFS",
}

// Warning says what is unsafe about the place of the file, or "". The log of
// SQLite is in shared memory, which two machines do not share
// (https://sqlite.org/wal.html).
func (db *DB) Warning() string {
	var drive syscall.Statfs_t
	if err := syscall.Statfs(filepath.Dir(db.path), &drive); err != nil {
		return ""
	}
	kind, far := networkDrives[int64(drive.Type)&0xffffffff]
	if !far {
		return ""
	}
	return fmt.Sprintf("%s is on a network drive (%s): use it from one machine at a time, or keep it on a local disk", db.path, kind)
}
