package audit

import "vertebra/stages/internal/testfiles"

// What tests of this package make.
var (
	alone    = testfiles.Alone
	write    = testfiles.Write
	picture  = testfiles.Picture
	noise    = testfiles.Noise
	pictures = testfiles.Pictures
)
