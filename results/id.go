package results

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"
)

// slugLimit keeps ids short enough to type, in letters.
const slugLimit = 48

// freeID makes the id of a new run: the day and the name, and a number when the
// day has seen that name before: 2026-11-24-frozen-then-top-2. That of a trial's run
// stays the trial's, also when the run was deleted.
func freeID(ctx context.Context, tx *sql.Tx, at time.Time, info RunInfo) (string, error) {
	base := at.Format(time.DateOnly) + "-" + slug(info.Name)
	id := base
	for n := 2; ; n++ {
		var taken bool
		err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM runs WHERE id = ?1) OR EXISTS (SELECT 1 FROM trials WHERE run = ?1)`, id).Scan(&taken)
		if err != nil || !taken && (info.Taken == nil || !info.Taken(id)) {
			return id, err
		}
		id = fmt.Sprintf("%s-%d", base, n)
	}
}

// slug makes of a name what can be typed without quotes and used as a file
// name: lower-case letters, digits and single hyphens.
func slug(name string) string {
	var b strings.Builder
	for _, c := range strings.ToLower(name) {
		switch {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9':
			b.WriteRune(c)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
		if b.Len() == slugLimit {
			break
		}
	}
	if s := strings.TrimRight(b.String(), "-"); s != "" {
		return s
	}
	return "run"
}
