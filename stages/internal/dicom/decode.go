package dicom

// DecodeImage is ReadImageInto of a file whose content is at hand; the path is
// for messages. The content is not changed.
func DecodeImage(path string, content []byte, pixels []float32) (Image, error) {
	return decodeImage(path, &source{size: int64(len(content)), bytes: content}, pixels)
}

// DecodeHeader is ReadHeader of a file whose content is at hand.
func DecodeHeader(path string, content []byte) (Header, error) {
	return readHeader(path, &source{size: int64(len(content)), bytes: content})
}
