package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"syscall"

	"vertebra/finished/form"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// statusOf says what kind of trouble an error is.
func statusOf(err error) int {
	var refused form.Refused
	var large *http.MaxBytesError
	var fault stage.Fault
	var wrong stage.Wrong
	var problems registry.Problems
	switch {
	case errors.As(err, &refused):
		return refused.Status
	case errors.As(err, &large):
		return http.StatusRequestEntityTooLarge
	case errors.Is(err, context.Canceled):
		return http.StatusServiceUnavailable // whoever has gone away reads it not
	case errors.Is(err, os.ErrDeadlineExceeded):
		return http.StatusRequestTimeout
	case errors.Is(err, syscall.ENOSPC):
		return http.StatusInsufficientStorage
	case errors.As(err, &fault), errors.As(err, &wrong), errors.As(err, &problems):
		return http.StatusUnprocessableEntity
	}
	return http.StatusInternalServerError
}

// refuse answers what went wrong, and what would put it right, as JSON.
func refuse(w http.ResponseWriter, err error) {
	told := map[string]string{"error": stage.WithoutHint(err).Error()}
	var fault stage.Fault
	switch code := statusOf(err); {
	case code == http.StatusInsufficientStorage:
		told["error"], told["hint"] = "the disk of temporary files is full", "make room there, or let TMPDIR name a folder elsewhere before runner try starts"
	case errors.As(err, &fault):
		told["hint"] = fault.Hint
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(statusOf(err))
	_ = json.NewEncoder(w).Encode(told) // who has gone away needs no answer
}
