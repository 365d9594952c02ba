package results

import (
	"path/filepath"
	"syscall"
)

// networkDrives are the statfs(2) types of file systems on other machines. 9P is
// left out: it is how containers and virtual machines see the disk of their host.
var networkDrives = map[int64]string{
	0x6969: "NFS", 0x517b: "SMB", 0xff534d42: "SMB", 0xfe534d42: "SMB",
	0x00c36400: "Ceph", 0x0bd00bd0: "Lustre", 0x47504653: "GPFS", 0x5346414f: "AFS",
}

// networkDrive names the kind of network drive that a file is on, or is "".
func networkDrive(path string) string {
	var drive syscall.Statfs_t
	if err := syscall.Statfs(filepath.Dir(path), &drive); err != nil {
		return ""
	}
	return networkDrives[int64(drive.Type)&0xffffffff]
}
