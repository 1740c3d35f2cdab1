package trial

// Mutants is how many wrong versions of a procedure its stories noticed.
type Mutants struct {
	Made     int        `json:"made"`
	Refused  int        `json:"refused"` // by hoso check: nobody could publish them
	Killed   int        `json:"killed"`  // by a story that came out otherwise
	Rate     float64    `json:"rate"`    // refused and killed, of those made
	Survived []Survivor `json:"survived"`
}

// Survivor is a wrong version that nothing noticed.
type Survivor struct {
	File   string `json:"file"`
	Line   int    `json:"line"`
	Change string `json:"change"`
}
