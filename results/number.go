package results

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"vertebra/stages/stage"
)

// number is a float64 in JSON. NaN is null, and infinities are 9e999, which
// SQLite's JSON functions read as infinite too. A whole number keeps a point
// ("3.0"), so that it comes back as a float64 and not as an int.
type number float64

// MarshalJSON writes the shortest text that gives the same float64 back.
func (n number) MarshalJSON() ([]byte, error) {
	return appendNumber(nil, float64(n)), nil
}

func appendNumber(b []byte, v float64) []byte {
	switch {
	case math.IsNaN(v):
		return append(b, "null"...)
	case math.IsInf(v, 1):
		return append(b, "9e999"...)
	case math.IsInf(v, -1):
		return append(b, "-9e999"...)
	}
	from := len(b)
	b = strconv.AppendFloat(b, v, 'g', -1, 64)
	if !strings.ContainsAny(string(b[from:]), ".e") {
		b = append(b, ".0"...)
	}
	return b
}

// UnmarshalJSON reads what MarshalJSON writes.
func (n *number) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		*n = number(math.NaN())
		return nil
	}
	v, err := strconv.ParseFloat(string(b), 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) { // 9e999 is out of range and infinite
		return fmt.Errorf("number %s: %w", b, err)
	}
	*n = number(v)
	return nil
}

func numbers(values []float64) []number {
	out := make([]number, len(values))
	for i, v := range values {
		out[i] = number(v)
	}
	return out
}

func floats(values []number) []float64 {
	out := make([]float64, len(values))
	for i, v := range values {
		out[i] = float64(v)
	}
	return out
}

// cell is a cell of a table: a string, an int, a float64 or an Estimate.
type cell struct{ value any }

// estimateBody is how an Estimate is stored.
type estimateBody struct {
	Value number `json:"value"`
	Low   number `json:"low"`
	High  number `json:"high"`
}

// MarshalJSON turns other types into their text, since refusing a cell would
// cost a run its result.
func (c cell) MarshalJSON() ([]byte, error) {
	switch v := c.value.(type) {
	case int:
		return strconv.AppendInt(nil, int64(v), 10), nil
	case int64:
		return strconv.AppendInt(nil, v, 10), nil
	case float64:
		return appendNumber(nil, v), nil
	case float32:
		return appendNumber(nil, float64(v)), nil
	case stage.Estimate:
		return json.Marshal(estimateBody{number(v.Value), number(v.Low), number(v.High)})
	case nil:
		return []byte(`""`), nil
	case string:
		return json.Marshal(v)
	}
	return json.Marshal(fmt.Sprint(c.value))
}

// UnmarshalJSON tells an int from a float64 by the point or the exponent.
func (c *cell) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '"' {
		var text string
		err := json.Unmarshal(b, &text)
		c.value = text
		return err
	}
	if len(b) > 0 && b[0] == '{' {
		var body estimateBody
		err := json.Unmarshal(b, &body)
		c.value = stage.Estimate{Value: float64(body.Value), Low: float64(body.Low), High: float64(body.High)}
		return err
	}
	if i, err := strconv.Atoi(string(b)); err == nil {
		c.value = i
		return nil
	}
	var n number
	err := n.UnmarshalJSON(b)
	c.value = float64(n)
	return err
}
