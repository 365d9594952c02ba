//go:build !unix

package results

func writable(string) bool { return true } // SQLite says otherwise where it is so
