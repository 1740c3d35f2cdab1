package expr

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"
)

// rangeLimit bounds the lists that range() makes.
const rangeLimit = 100

// anyT stands for whatever type the arguments share.
var anyT = types.NewTypeParamType("T")

// figures are the functions that calculate with numbers, and over lists.
var figures = []function{
	{"least", []string{"a", "b"}, []*types.Type{anyT, anyT}, anyT, func(a []ref.Val) (ref.Val, error) { return lesser(a[0], a[1]) }, nil},
	{"most", []string{"a", "b"}, []*types.Type{anyT, anyT}, anyT, func(a []ref.Val) (ref.Val, error) { return greater(a[0], a[1]) }, nil},
	{"floor", []string{"x"}, []*types.Type{types.DoubleType}, types.IntType, func(a []ref.Val) (ref.Val, error) { return whole(a[0], math.Floor) }, nil},
	{"ceil", []string{"x"}, []*types.Type{types.DoubleType}, types.IntType, func(a []ref.Val) (ref.Val, error) { return whole(a[0], math.Ceil) }, nil},
	{"round", []string{"x"}, []*types.Type{types.DoubleType}, types.IntType, func(a []ref.Val) (ref.Val, error) { return whole(a[0], math.Round) }, nil},
	{"range", []string{"n"}, []*types.Type{types.IntType}, types.NewListType(types.IntType), count, nil},
	{"sum", []string{"list"}, []*types.Type{types.NewListType(types.IntType)}, types.IntType, sum, []function{
		{"sum", []string{"list"}, []*types.Type{types.NewListType(types.DoubleType)}, types.DoubleType, sumBroken, nil}}},
	{"join", []string{"list", "sep"}, []*types.Type{types.NewListType(types.DynType), types.StringType}, types.StringType, join, nil},
	{"sort", []string{"list"}, []*types.Type{types.NewListType(anyT)}, types.NewListType(anyT), sorted, nil},
	{"nth", []string{"list", "i"}, []*types.Type{types.NewListType(anyT), types.IntType}, anyT, nth, nil},
}

// takesAbsent are the functions that an absent argument is no mistake in: an
// absent list is an empty one. nth and join look at the others themselves.
var takesAbsent = map[string]bool{"sameAddress": true, "fold": true, "sum": true, "join": true, "sort": true, "nth": true, "plusWorkingDays": true}

func lesser(a, b ref.Val) (ref.Val, error) {
	less, err := before(a, b)
	if err != nil || less {
		return a, err
	}
	return b, nil
}

func greater(a, b ref.Val) (ref.Val, error) {
	less, err := before(a, b)
	if err != nil || !less {
		return a, err
	}
	return b, nil
}

// before orders numbers, and texts (dates among them).
func before(a, b ref.Val) (bool, error) {
	c, ok := a.(traits.Comparer)
	if !ok || isAbsent(a) || isAbsent(b) {
		return false, fmt.Errorf("%s and %s have no order", kindOf(a), kindOf(b))
	}
	switch n := c.Compare(b).(type) {
	case types.Int:
		return n < 0, nil
	default:
		return false, fmt.Errorf("%s and %s have no order", kindOf(a), kindOf(b))
	}
}

// whole rounds a broken number. What 53 bits cannot count is a mistake.
func whole(v ref.Val, round func(float64) float64) (ref.Val, error) {
	d, ok := v.(types.Double)
	if !ok {
		return nil, fmt.Errorf("%s is not a broken number", kindOf(v))
	}
	n := round(float64(d))
	if math.IsNaN(n) || math.Abs(n) >= 1<<53 {
		return nil, fmt.Errorf("%v is too large", float64(d))
	}
	return types.Int(n), nil
}

func count(args []ref.Val) (ref.Val, error) {
	n, ok := args[0].(types.Int)
	if !ok {
		return nil, fmt.Errorf("%s is not a whole number", kindOf(args[0]))
	}
	if n > rangeLimit {
		return nil, fmt.Errorf("%d is more than %d", n, rangeLimit)
	}
	out := make([]any, max(0, n))
	for i := range out {
		out[i] = int64(i)
	}
	return newList(out), nil
}

// items are those of a list; none of an absent one.
func items(v ref.Val) ([]ref.Val, error) {
	if isAbsent(v) {
		return nil, nil
	}
	l, ok := v.(traits.Lister)
	if !ok {
		return nil, fmt.Errorf("%s is not a list", kindOf(v))
	}
	var out []ref.Val
	for it := l.Iterator(); it.HasNext() == types.True; {
		out = append(out, it.Next())
	}
	return out, nil
}

// sum adds whole numbers; none give 0. What is absent among them is a mistake: a
// sum that leaves something out would be another sum.
func sum(args []ref.Val) (ref.Val, error) {
	list, err := items(args[0])
	if err != nil {
		return nil, err
	}
	var total types.Int
	for i, v := range list {
		if _, broken := v.(types.Double); broken {
			return sumBroken(args)
		}
		n, ok := v.(types.Int)
		if !ok {
			return nil, fmt.Errorf("item %d is %s, not a number", i+1, kindOf(v))
		}
		if total, ok = total.Add(n).(types.Int); !ok {
			return nil, errors.New("the sum is too large")
		}
	}
	return total, nil
}

// sumBroken adds broken numbers, whole ones among them.
func sumBroken(args []ref.Val) (ref.Val, error) {
	list, err := items(args[0])
	if err != nil {
		return nil, err
	}
	var total types.Double
	for i, v := range list {
		switch n := v.(type) {
		case types.Double:
			total += n
		case types.Int:
			total += types.Double(n)
		default:
			return nil, fmt.Errorf("item %d is %s, not a number", i+1, kindOf(v))
		}
	}
	return total, nil
}

func join(args []ref.Val) (ref.Val, error) {
	list, err := items(args[0])
	if err != nil {
		return nil, err
	}
	words := make([]string, 0, len(list))
	for _, v := range list {
		if isAbsent(v) {
			continue
		}
		s, ok := v.ConvertToType(types.StringType).(types.String)
		if !ok {
			return nil, fmt.Errorf("%s is not a text", kindOf(v))
		}
		words = append(words, string(s))
	}
	sep, _ := args[1].(types.String) // an absent one is ''
	return types.String(strings.Join(words, string(sep))), nil
}

// sorted orders numbers or texts, the least first.
func sorted(args []ref.Val) (ref.Val, error) {
	list, err := items(args[0])
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(list, func(a, b ref.Val) int {
		less, e := before(a, b)
		if e != nil {
			err = e
		}
		if less {
			return -1
		}
		more, _ := before(b, a)
		if more {
			return 1
		}
		return 0
	})
	if err != nil {
		return nil, err
	}
	out := make([]any, len(list))
	for i, v := range list {
		out[i] = v
	}
	return newList(out), nil
}

// nth is the item at a place, from 0; absent when there is none.
func nth(args []ref.Val) (ref.Val, error) {
	list, err := items(args[0])
	if err != nil {
		return nil, err
	}
	i, ok := args[1].(types.Int)
	if !ok {
		return nil, fmt.Errorf("%s is not a place in a list", kindOf(args[1]))
	}
	if i < 0 || int(i) >= len(list) {
		return absent, nil
	}
	return list[i], nil
}

// ofDate are the functions that take a date apart.
var ofDate = []function{
	{"year", []string{"d"}, dates[:1], types.IntType, func(a []ref.Val) (ref.Val, error) { return part(a[0], time.Time.Year) }, nil},
	{"month", []string{"d"}, dates[:1], types.IntType, func(a []ref.Val) (ref.Val, error) {
		return part(a[0], func(t time.Time) int { return int(t.Month()) })
	}, nil},
	{"day", []string{"d"}, dates[:1], types.IntType, func(a []ref.Val) (ref.Val, error) { return part(a[0], time.Time.Day) }, nil},
	{"monthEnd", []string{"d"}, dates[:1], types.StringType, monthEnd, nil},
}

func part(v ref.Val, of func(time.Time) int) (ref.Val, error) {
	d, err := dateOf(v)
	if err != nil {
		return nil, err
	}
	return types.Int(of(d)), nil
}

// monthEnd is the last day of the date's month.
func monthEnd(args []ref.Val) (ref.Val, error) {
	d, err := dateOf(args[0])
	if err != nil {
		return nil, err
	}
	return types.String(time.Date(d.Year(), d.Month()+1, 0, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)), nil
}
