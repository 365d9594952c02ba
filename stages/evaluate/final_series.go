package evaluate

// FinalSeries are the series of final numbers in the order of columns of a table: what is calibrated
// stands beside what the net gave.
var FinalSeries = []string{"validation", "validation calibrated", "test", "test calibrated", "validation baseline", "test baseline"}
