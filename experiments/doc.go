// Package experiments turns a YAML file into a resolved, valid experiment. It
// reads the file strictly, lays it over the files that it extends, applies
// --set, and checks what no stage can check alone.
package experiments
