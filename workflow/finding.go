package workflow

import "fmt"

// Finding is something that `hoso check` has to say about a definition: where,
// what, and what to write instead. It stops the procedure unless Warning is set.
type Finding struct {
	Code    string   `json:"code"` // upper case, one word: KEYS, ONCE, LIVE ...
	File    string   `json:"file"`
	Line    int      `json:"line"`   // 1-based; 0: the whole file
	Column  int      `json:"column"` // 1-based, in characters
	Path    string   `json:"path,omitempty"`
	Message string   `json:"message"`
	Remedy  string   `json:"remedy"`
	Trace   []string `json:"trace,omitempty"` // a shortest counter-example
	Warning bool     `json:"warning,omitempty"`
}

// String is the finding as a compiler would print it.
func (f Finding) String() string {
	return fmt.Sprintf("%s:%d:%d: %s: %s; %s", f.File, f.Line, f.Column, f.Code, f.Message, f.Remedy)
}
