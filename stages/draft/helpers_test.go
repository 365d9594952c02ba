package draft

import "vertebra/stages/internal/testfiles"

// What tests of this package make.
var (
	alone      = testfiles.Alone
	write      = testfiles.Write
	writeFiles = testfiles.WriteAll
	picture    = testfiles.Picture
	pictureOf  = testfiles.PictureOf
	noise      = testfiles.Noise
	pictures   = testfiles.Pictures
)
