package reports

// verdictView is what a comparison comes to.
type verdictView struct {
	Kind string // "better", "worse", "same": for the colour
	Word string
	Text string
}

// remarkView is what a reader of a verdict must know.
type remarkView struct {
	Text    string
	Serious bool
}
