package reports

import (
	"fmt"
	"io"
	"strings"
)

// TryPage is the page of runner try, which asks nets about images that are dropped on it.
type TryPage struct {
	Run, Name string
	About     any      // what the page's script needs to know, as JSON
	Address   string   // of the server
	Example   []string // fields of a request for curl
}

// tryScript are the parts of the page's script.
var tryScript = []string{"base", "try/files", "try/viewer", "try/answer", "try/page"}

// Try draws the page. It speaks with its own server alone.
func Try(w io.Writer, t TryPage) error {
	f, err := frameOf(tryScript, "style.css", "try.css")
	if err != nil {
		return err
	}
	f.Policy += "; connect-src 'self'"
	page := struct {
		frame
		TryPage
		Curl string
	}{f, t, t.curl()}
	if err := pages.ExecuteTemplate(w, "try.html", page); err != nil {
		return fmt.Errorf("draw the page of %s: %w", t.Run, err)
	}
	return nil
}

// curl is a request, as a shell takes it.
func (t TryPage) curl() string {
	words := []string{"curl"}
	for _, field := range t.Example {
		words = append(words, "-F", shellWord(field))
	}
	return strings.Join(append(words, t.Address+"/predict"), " ")
}

// shellWord quotes a word where a shell would read it otherwise.
func shellWord(word string) string {
	if strings.Trim(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.,=@/") == "" {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
