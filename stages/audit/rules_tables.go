package audit

// The rules that a source reports while it reads and joins tables.
func init() {
	for _, r := range []Rule{
		{ID: "study_dropped_on_request", Title: "study dropped on request", Reason: "data.drop or data.keep says so", Severity: info},
		{ID: "series_dropped_on_request", Title: "series dropped on request", Reason: "data.drop or data.keep says so", Severity: info},
		{ID: "row_dropped_on_request", Title: "row dropped on request", Reason: "data.drop or data.keep says so", Severity: info},
		{ID: "empty_label", Title: "empty label", Reason: "the cell of the label is empty", Severity: warning},
		{ID: "unknown_label", Title: "unknown label", Reason: "the label is none of the classes", Severity: severe},
		{ID: "point_without_label", Title: "point without label", Reason: "the row has coordinates but no severity", Severity: warning},
		{ID: "label_without_point", Title: "label without point", Reason: "the row has a severity but no coordinates", Severity: warning},
		{ID: "unreadable_point", Title: "unreadable point", Reason: "x or y is no number", Severity: severe},
		{ID: "duplicate_point", Title: "duplicate point", Reason: "a second point of the same study, condition and level; the first counts", Severity: warning},
		{ID: "duplicate_study", Title: "duplicate study", Reason: "train.csv holds the study twice; the first row counts", Severity: warning},
		{ID: "duplicate_id", Title: "duplicate id", Reason: "the table holds the id twice; the first row counts", Severity: warning},
		{ID: "unknown_condition", Title: "unknown condition or level", Reason: "train_label_coordinates.csv names a condition or level that does not exist", Severity: severe},
		{ID: "unusable_id", Title: "unusable id", Reason: "study_id, series_id or instance_number cannot name a file", Severity: severe},
		{ID: "foreign_file", Title: "file that is no image", Reason: "the folder of a class holds a file whose name is that of no image format", Severity: info},
		{ID: "beyond_train_size", Title: "beyond train_size", Reason: "data.split.train_size trains on fewer", Severity: info},
		{ID: "not_in_split_file", Title: "without a split", Reason: "data.split.file or lists do not name it, or its data.split.column is empty", Severity: warning},
		{ID: "unknown_column", Title: "unknown column", Reason: "train.csv has a column for no known condition and level", Severity: warning, Unit: "columns"},
	} {
		r.Do, r.Unusable = drop, true
		addRule(r)
	}
}
