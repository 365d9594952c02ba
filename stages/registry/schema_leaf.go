package registry

import (
	"math"
	"strconv"
)

// leafSchema is the schema of a setting that holds a single value.
func leafSchema(s Setting) Schema {
	switch s.Type {
	case "any":
		return Schema{}
	case "bool":
		return Schema{"type": "boolean"}
	case "int", "uint":
		return bounded(Schema{"type": "integer"}, s)
	case "count":
		return Schema{"anyOf": []any{bounded(Schema{"type": "integer"}, s), Schema{"const": autoWord}}}
	case "float":
		return bounded(Schema{"type": "number"}, s)
	case "duration":
		return Schema{"anyOf": []any{Schema{"type": "string", "pattern": durationPattern}, Schema{"const": 0}}}
	case "time":
		return Schema{"type": "string", "pattern": timePattern}
	case "path":
		out := textSchema(s)
		out["not"] = Schema{"type": "string", "pattern": "^~(/|$)"}
		return out
	}
	return textSchema(s)
}

const durationPattern = `^[-+]?(([0-9]+\.?[0-9]*|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+$`

// textSchema takes numbers as they are written: the id of a study needs no
// quotes.
func textSchema(s Setting) Schema {
	switch {
	case len(s.Choices) > 0:
		words := make([]any, len(s.Choices))
		for i, word := range s.Choices {
			words[i] = word
		}
		return Schema{"type": "string", "enum": words}
	case s.Required:
		return Schema{"type": []any{"string", "number"}, "minLength": 1}
	}
	return Schema{"type": []any{"string", "number"}}
}

// bounded adds the limits of a number: those of the tags, and of its type.
func bounded(out Schema, s Setting) Schema {
	if s.Type == "uint" {
		out["minimum"] = 0.0
	}
	for word, text := range map[string]string{"minimum": s.Min, "maximum": s.Max, "exclusiveMinimum": s.Over, "exclusiveMaximum": s.Under} {
		value, err := strconv.ParseFloat(text, 64)
		if err == nil && !math.IsInf(value, 0) {
			out[word] = value
		}
	}
	return out
}
