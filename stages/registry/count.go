package registry

// Count is a whole number, or Auto: the program then chooses. YAML writes that as
// auto, which no limit of the setting refuses.
type Count int

// Auto is the Count that the program chooses.
const Auto Count = -1

const autoWord = "auto"
