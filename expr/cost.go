package expr

import (
	"fmt"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/cost"
	"cel.dev/cel-go/common/types"
)

// What the cost is reckoned with in advance, where the expression itself does
// not say how long a value is. Longer ones are legal; they may reach costLimit
// at run time.
const (
	listBound = 50  // members of a household, owners of a dwelling, items of a group; parts of an object
	textBound = 100 // characters
)

// sizes bounds values for the estimate.
type sizes struct{}

// EstimateSize implements cost.Estimator.
func (sizes) EstimateSize(node cost.AstNode) *cost.SizeEstimate {
	switch node.Type().Kind() {
	case types.StringKind, types.BytesKind, types.DynKind:
		return &cost.SizeEstimate{Min: 0, Max: textBound}
	case types.ListKind, types.MapKind, types.StructKind:
		return &cost.SizeEstimate{Min: 0, Max: listBound}
	}
	return nil
}

// EstimateCallCost implements cost.Estimator: the standard estimate, and for ours
// that walk a list, or make one, what they do for each item.
func (sizes) EstimateCallCost(function, overload string, target *cost.AstNode, args []cost.AstNode) *cost.CallEstimate {
	switch function {
	case "range":
		made := cost.SizeEstimate{Min: 0, Max: rangeLimit}
		if n := args[0].Expr(); n.Kind() == ast.LiteralKind {
			if i, ok := n.AsLiteral().(types.Int); ok && i >= 0 && i <= rangeLimit {
				made = cost.SizeEstimate{Min: uint64(i), Max: uint64(i)}
			}
		}
		return perItem(made, &made)
	case "sum", "join", "nth", "sort":
		walked := lengthOf(args[0])
		switch function {
		case "sort":
			return perItem(walked.Multiply(cost.FixedSizeEstimate(8)), &walked)
		case "join":
			return perItem(walked, &cost.SizeEstimate{Min: 0, Max: textBound})
		}
		return perItem(walked, nil)
	}
	return nil
}

func perItem(n cost.SizeEstimate, made *cost.SizeEstimate) *cost.CallEstimate {
	return cost.NewCallEstimate(cost.Estimate{Min: n.Min + 1, Max: n.Max + 1}, made)
}

// lengthOf is how long a list may be.
func lengthOf(n cost.AstNode) cost.SizeEstimate {
	if s := n.ComputedSize(); s != nil && s.Max <= costLimit {
		return *s
	}
	return cost.SizeEstimate{Min: 0, Max: listBound}
}

// tooCostly tells whether an expression may cost more than costLimit.
func (e *Env) tooCostly(source string, checked *cel.Ast) *Error {
	estimate, err := e.cel.EstimateCost(checked, sizes{})
	if err != nil {
		return &Error{Kind: Costly, Source: source, Column: 1, Reason: err.Error()}
	}
	if estimate.Max <= e.limit {
		return nil
	}
	return &Error{Kind: Costly, Source: source, Column: 1, Reason: fmt.Sprintf("the expression may take up to %d steps, %d are allowed: iterate over less, or do less for each item",
		estimate.Max, e.limit)}
}
