package workflow

import (
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"

	"github.com/hoso-gov/hoso/calendar"
)

// The file as it is written. Its shape has been held against the schema
// before, so decoding finds only what the schema cannot say.
type (
	machineSource struct {
		Initial  word                    `yaml:"initial"`
		File     list[arrow]             `yaml:"file"`
		Roles    ordered[roleSource]     `yaml:"roles"`
		Clock    *placed[clockSource]    `yaml:"clock"`
		States   ordered[stateSource]    `yaml:"states"`
		Withdraw *placed[withdrawSource] `yaml:"withdraw"`
		Extend   *placed[extendSource]   `yaml:"extend"`
	}
	roleSource struct {
		Kind  string `yaml:"kind"`
		At    Seat   `yaml:"at"`
		Title Text   `yaml:"title"`
	}
	clockSource struct {
		Starts          word   `yaml:"starts"`
		AfterSupplement string `yaml:"after-supplement"`
	}
	stateSource struct {
		Title    Text                  `yaml:"title"`
		Kind     Kind                  `yaml:"kind"`
		Owner    word                  `yaml:"owner"`
		Within   word                  `yaml:"within"`
		For      string                `yaml:"for"`
		Clock    ClockMode             `yaml:"clock"`
		FinalAct bool                  `yaml:"final-act"`
		Actions  ordered[list[arrow]]  `yaml:"actions"`
		Signals  ordered[list[arrow]]  `yaml:"signals"`
		After    ordered[list[arrow]]  `yaml:"after"`
		Counts   word                  `yaml:"counts-from"`
		Choose   list[arrow]           `yaml:"choose"`
		Open     []placed[childSource] `yaml:"open"`
		Join     *joinSource           `yaml:"join"`
		Outcome  Outcome               `yaml:"outcome"`
		Negative bool                  `yaml:"negative"`

		Compensate bool `yaml:"compensate"`
	}
	transitionSource struct {
		To      word         `yaml:"to"`
		Title   Text         `yaml:"title"`
		By      word         `yaml:"by"`
		When    word         `yaml:"when"`
		Needs   []string     `yaml:"needs"`
		Max     int          `yaml:"max"`
		Unlike  list[word]   `yaml:"unlike"`
		Fresh   []string     `yaml:"fresh"`
		Effects []effectItem `yaml:"effects"`
		Confirm *bool        `yaml:"confirm"`
		Style   string       `yaml:"style"`
		Tacit   bool         `yaml:"tacit"`
		Law     string       `yaml:"law"`
	}
	arrow       = placed[transitionSource]
	childSource struct {
		Name      string        `yaml:"name"`
		Procedure string        `yaml:"procedure"`
		Of        string        `yaml:"of"`
		Agency    *agencySource `yaml:"agency"`
		When      word          `yaml:"when"`
		Share     []string      `yaml:"share"`
		Give      ordered[word] `yaml:"give"`
		Variant   string        `yaml:"variant"`
	}
	agencySource struct {
		Kind    string `yaml:"kind"`
		Commune word   `yaml:"commune"`
	}
	joinSource struct {
		Rule     string            `yaml:"rule"`
		Count    int               `yaml:"count"`
		OK       []Outcome         `yaml:"ok"`
		Outcomes map[Outcome]Class `yaml:"outcomes"`
		Window   word              `yaml:"window"`
		Remind   word              `yaml:"remind"`
		Rest     string            `yaml:"rest"`
		Then     word              `yaml:"then"`
		Refused  word              `yaml:"refused"`
		Late     word              `yaml:"late"`
	}
	extendSource struct {
		By   word       `yaml:"by"`
		UpTo word       `yaml:"up-to"`
		Max  int        `yaml:"max"`
		In   list[word] `yaml:"in"`
		Law  string     `yaml:"law"`
	}
	withdrawSource struct {
		By     word       `yaml:"by"`
		Before list[word] `yaml:"before"`
		To     word       `yaml:"to"`
	}
)

// A place is where something stands: 1-based, in characters.
type place struct{ line, column int }

func placeOf(n ast.Node) place {
	if m, ok := n.(*ast.MappingNode); ok && !m.IsFlowStyle && len(m.Values) > 0 {
		n = m.Values[0].Key
	}
	if v, ok := n.(*ast.MappingValueNode); ok {
		n = v.Key
	}
	p := n.GetToken().Position
	return place{p.Line, p.Column}
}

// A word is a scalar that knows where its text begins.
type word struct {
	place
	text  string
	set   bool
	block bool // the text stands below, after | or >
}

// UnmarshalYAML implements yaml.NodeUnmarshaler.
func (w *word) UnmarshalYAML(n ast.Node) error {
	w.place, w.set = placeOf(n), true
	switch n := n.(type) {
	case *ast.StringNode:
		w.text = n.Value
		if k := n.GetToken().Type; k == token.SingleQuoteType || k == token.DoubleQuoteType {
			w.column++
		}
	case *ast.LiteralNode:
		w.text, w.block = n.Value.Value, true
	default:
		w.text = strings.TrimSpace(n.GetToken().Value)
	}
	return nil
}

// placed is a mapping that knows where it begins.
type placed[T any] struct {
	place
	is T
}

// UnmarshalYAML implements yaml.NodeUnmarshaler.
func (p *placed[T]) UnmarshalYAML(n ast.Node) error {
	p.place = placeOf(n)
	return yaml.NodeToValue(n, &p.is, yaml.Strict())
}

// list is one value, or a sequence of them.
type list[T any] []T

// UnmarshalYAML implements yaml.NodeUnmarshaler.
func (l *list[T]) UnmarshalYAML(n ast.Node) error {
	nodes := []ast.Node{n}
	if s, ok := n.(*ast.SequenceNode); ok {
		nodes = s.Values
	}
	for _, n := range nodes {
		var v T
		if err := yaml.NodeToValue(n, &v, yaml.Strict()); err != nil {
			return err
		}
		*l = append(*l, v)
	}
	return nil
}

// ordered is a mapping in the order written.
type ordered[T any] []named[T]

type named[T any] struct {
	place
	key string
	is  T
}

// UnmarshalYAML implements yaml.NodeUnmarshaler.
func (o *ordered[T]) UnmarshalYAML(n ast.Node) error {
	var values []*ast.MappingValueNode
	switch n := n.(type) {
	case *ast.MappingNode:
		values = n.Values
	case *ast.MappingValueNode:
		values = []*ast.MappingValueNode{n}
	default:
		return errors.New("not a mapping")
	}
	for _, v := range values {
		at := v.Key.GetToken().Position
		item := named[T]{place: place{at.Line, at.Column}, key: strings.TrimSpace(v.Key.GetToken().Value)}
		if err := yaml.NodeToValue(v.Value, &item.is, yaml.Strict()); err != nil {
			return err
		}
		*o = append(*o, item)
	}
	return nil
}

// effectItem is one item of effects: a type, or a type with what it names.
type effectItem struct{ Effect }

// UnmarshalYAML implements yaml.NodeUnmarshaler.
func (e *effectItem) UnmarshalYAML(n ast.Node) error {
	var pair ordered[word]
	if err := pair.UnmarshalYAML(n); err == nil && len(pair) == 1 {
		e.Type, e.Name = pair[0].key, pair[0].is.text
		return nil
	}
	var w word
	err := w.UnmarshalYAML(n)
	e.Type = w.text
	return err
}

// duration reads a delay; the schema has held its shape.
func (w word) duration() (Duration, error) {
	if !w.set {
		return Duration{}, nil
	}
	d, err := calendar.ParseDuration(w.text)
	if err != nil {
		return d, fmt.Errorf("a delay is written 4h, 30d or 5wd: %w", err)
	}
	return d, nil
}
