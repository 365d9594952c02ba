//go:build !linux

package results

func networkDrive(string) string { return "" }
