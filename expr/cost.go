package expr

import (
	"fmt"

	"cel.dev/cel-go/cel"
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

// EstimateCallCost implements cost.Estimator: the standard estimate.
func (sizes) EstimateCallCost(string, string, *cost.AstNode, []cost.AstNode) *cost.CallEstimate {
	return nil
}

// tooCostly tells whether an expression may cost more than costLimit.
func (e *Env) tooCostly(source string, checked *cel.Ast) *Error {
	estimate, err := e.cel.EstimateCost(checked, sizes{})
	if err != nil {
		return &Error{Kind: Costly, Source: source, Column: 1, Reason: err.Error()}
	}
	if estimate.Max <= costLimit {
		return nil
	}
	return &Error{Kind: Costly, Source: source, Column: 1, Reason: fmt.Sprintf("the expression may take up to %d steps, %d are allowed: iterate over less, or do less for each item",
		estimate.Max, costLimit)}
}
