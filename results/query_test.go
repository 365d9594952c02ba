package results

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestQuery(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	record(t, beginTest(t, db, "x"), everything()...)
	for query, want := range map[string]string{
		"SELECT name, count(*) n FROM scalars GROUP BY name ORDER BY name": "name,n: auroc 1; f1 1; loss 2;",
		"SELECT value FROM scalars WHERE name = 'auroc'":                   "value: <nil>;",
		"SELECT 1 WHERE 0": "1: no rows",
		"WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 3) SELECT n FROM c": "n: 1; 2; 3;",
		"SELECT group_concat(name, ' ') AS c FROM pragma_table_info('facts')":                         "c: id run name value;",
		"PRAGMA application_id": "application_id: 1448362578;",
		"SELECT tags ->> 'level' AS l, avg(label) OVER () AS a FROM predictions -- and a comment": "l,a: l5_s1 2;",
	} {
		got := ""
		err := db.Query(t.Context(), query, func(columns []string, values []any) error {
			if got == "" {
				got = strings.Join(columns, ",") + ":"
			}
			if values == nil {
				got += " no rows"
				return nil
			}
			got += " " + strings.Trim(fmt.Sprint(values), "[]") + ";"
			return nil
		})
		if err != nil || got != want {
			t.Errorf("%s\ngot  %s, %v\nwant %s", query, got, err, want)
		}
	}
}

func TestQueryOnlyReads(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	record(t, beginTest(t, db, "x"), everything()...)
	folder := t.TempDir()
	for query, want := range map[string]string{
		"DELETE FROM runs":                                       "can only read",
		"SELECT 1; DELETE FROM runs":                             "one statement",
		"INSERT INTO facts VALUES (9, 1, 'a', 'b') RETURNING id": "can only read",
		"WITH x AS (SELECT 1) UPDATE runs SET note = 'x'":        "can only read",
		"CREATE TEMP TABLE t (x)":                                "can only read",
		"DROP TABLE runs":                                        "can only read",
		"PRAGMA query_only = off":                                "can only read",
		"PRAGMA user_version = 99":                               "can only read",
		"VACUUM INTO '" + folder + "/v.db'":                      "can only read",
		"ATTACH '" + folder + "/a.db' AS other":                  "can only read",
		"BEGIN IMMEDIATE":                                        "can only read",
		"REINDEX":                                                "can only read",
		"SELECT * FROM nowhere":                                  "no such table: nowhere",
		"SELEC 1":                                                "syntax error",
		"SELECT ?":                                               "placeholder",
		"":                                                       "empty",
		" -- only a comment":                                     "empty",
	} {
		err := db.Query(t.Context(), query, func([]string, []any) error { return nil })
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "hint:") {
			t.Errorf("%s: got %v, want %q and a hint", query, err, want)
		}
	}
	if left, err := os.ReadDir(folder); err != nil || len(left) > 0 {
		t.Errorf("a query wrote files: %v, %v", left, err)
	}
	checkIntegrity(t, db)
	if len(load(t, db, Latest).Scalars) != 4 {
		t.Error("a query changed something")
	}
}

func TestOpenExisting(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "mistyped.db")
	if _, err := OpenExisting(t.Context(), path); err == nil || !strings.Contains(err.Error(), "there is no such file") {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("the file was made")
	}
}
