package procedures

import (
	"fmt"
	"maps"
	"slices"

	"github.com/hoso-gov/hoso/expr"
)

// A changeValue is a value that a type of change takes.
type changeValue struct {
	kind     *expr.Type // dates and personal numbers are texts
	optional bool
}

var (
	anyList    = &expr.Type{Kind: expr.List, Elem: dynType}
	needs      = func(t *expr.Type) changeValue { return changeValue{kind: t} }
	may        = func(t *expr.Type) changeValue { return changeValue{kind: t, optional: true} }
	anAddress  = needs(addressType)
	aText      = needs(stringType)
	mayBeText  = may(stringType)
	somePeople = needs(anyList)
	mayBePlace = may(addressType)
)

// changeValues are the types of change of the resident database, and the values
// that each takes. Package resident carries them out; docs/definitions.md says
// what they mean.
var changeValues = map[string]map[string]changeValue{
	"move-permanent":  {"people": somePeople, "to": anAddress, "head": aText, "relation": mayBeText, "household": mayBeText},
	"close-permanent": {"people": somePeople, "because": aText},
	"name-head":       {"household": aText, "head": aText},

	"register-temporary": {"people": somePeople, "to": anAddress, "until": aText},
	"extend-temporary":   {"people": somePeople, "until": aText},
	"end-temporary":      {"people": somePeople},
	"register-absence":   {"people": somePeople, "from": aText, "until": mayBeText, "reason": mayBeText, "to": mayBePlace},
	"record-stay":        {"people": somePeople, "at": anAddress, "from": aText, "until": aText, "reason": mayBeText},

	"register-birth": {"fullName": aText, "birthDate": aText, "sex": aText, "ethnicity": aText, "nationality": aText,
		"homePlace": anAddress, "birthPlace": anAddress, "mother": mayBeText, "father": mayBeText},
	"register-death":    {"person": aText, "on": aText, "newHead": mayBeText},
	"register-marriage": {"husband": aText, "wife": aText, "on": aText},
	"end-marriage":      {"husband": aText, "wife": aText, "on": aText},
	"set-parents":       {"child": aText, "father": mayBeText, "mother": mayBeText},

	"issue-card":     {"person": aText, "until": aText},
	"correct-person": {"person": aText, "values": needs(anyMap)},
	"set-contact":    {"person": aText, "phone": mayBeText, "email": mayBeText},
}

// changeValuesOf compiles the values of a change, each as the type wants it, and
// reports those that it does not know or lacks.
func (b *builder) changeValuesOf(v *node) map[string]*expr.Program {
	kind, values := v.get("type").str(), v.get("values")
	known, ok := changeValues[kind]
	if !ok {
		return b.programs(values) // the schema has said that there is no such type
	}
	out := map[string]*expr.Program{}
	for _, e := range values.entries() {
		want, ok := known[e.key]
		if !ok {
			at := node{line: e.line, col: e.col}
			b.report("KEYS", &at, fmt.Sprintf("a change %s takes no value %q", kind, e.key), didYouMean(e.key, slices.Sorted(maps.Keys(known))))
			continue
		}
		if p := b.program(e.value, want.kind); p != nil {
			out[e.key] = p
		}
	}
	for _, name := range slices.Sorted(maps.Keys(known)) {
		if !known[name].optional && values.get(name) == nil {
			b.report("KEYS", values, fmt.Sprintf("a change %s needs the value %q", kind, name), "write "+name+": CEL")
		}
	}
	return out
}
