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
		return pathSchema(s)
	}
	return textSchema(s)
}

// pathSchema names the words that may stand in place of the path, for editors to offer.
func pathSchema(s Setting) Schema {
	out := textSchema(s)
	out["not"] = Schema{"type": "string", "pattern": "^~(/|$)"}
	if len(s.Words) == 0 {
		return out
	}
	return Schema{"anyOf": []any{oneOf(s.Words), out}}
}

const durationPattern = `^[-+]?(([0-9]+\.?[0-9]*|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+$`

// textSchema takes numbers as they are written: the id of a study needs no
// quotes.
func textSchema(s Setting) Schema {
	switch {
	case len(s.Choices) > 0:
		return oneOf(s.Choices)
	case s.Required:
		return Schema{"type": []any{"string", "number"}, "minLength": 1}
	}
	return Schema{"type": []any{"string", "number"}}
}

func oneOf(words []string) Schema {
	list := make([]any, len(words))
	for i, word := range words {
		list[i] = word
	}
	return Schema{"type": "string", "enum": list}
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
