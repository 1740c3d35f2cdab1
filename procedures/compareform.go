package procedures

import "slices"

// schema compares two schemas of a form, of a section or of a question. asked
// tells whether an answer was demanded before, and is now.
func (c *comparison) schema(path string, before, after *node, was, is bool) {
	if sameNode(before, after) && was == is {
		return
	}
	if before == nil || after == nil {
		class, because := Safe, mustBeAsked
		if before == nil && is && after.get("x-fill") == nil {
			class = NeedsPlan
		} else if before == nil && after.get("properties") != nil && demandsSomething(after) {
			class = NeedsPlan
		} else if after == nil {
			class, because = NeedsPlan, answerGone
		}
		c.tell(path, before, after, PartField, class, because)
		return
	}
	defer c.within(before, after)()
	if was != is && path != "" {
		at := after
		c.tell(path+"/required", when(was, at), when(is, at), PartField, planUnless(!is), mustBeAsked)
	}
	for _, p := range pairs(before, after) {
		switch p.name {
		case "properties", "$defs":
			c.properties(path, p.before, p.after, before.get("required").strs(), after.get("required").strs())
		case "items":
			c.schema(path, p.before, p.after, false, false)
		case "required", "$schema", "$id":
		case "x-rules":
			c.rules(p.before, p.after)
		case "oneOf", "enum":
			c.choices(path, p.before, p.after)
		default:
			c.keyword(path, p)
		}
	}
}

func when(is bool, n *node) *node {
	if is {
		return &node{value: true, line: n.line, col: n.col}
	}
	return nil
}

// demandsSomething tells whether a new section has a question that must be answered and that no record fills.
func demandsSomething(section *node) bool {
	return slices.ContainsFunc(section.get("required").strs(), func(name string) bool {
		q := section.get("properties").get(name)
		return q.get("x-fill") == nil || q.get("properties") != nil && demandsSomething(q)
	})
}

func (c *comparison) properties(path string, before, after *node, was, is []string) {
	if before == nil {
		before = &node{kind: mapping}
	}
	if after == nil {
		after = &node{kind: mapping}
	}
	for _, p := range pairs(before, after) {
		c.schema(path+"/"+p.name, p.before, p.after, slices.Contains(was, p.name), slices.Contains(is, p.name))
	}
}

// choices compares what an enumeration offers.
func (c *comparison) choices(path string, before, after *node) {
	if before == nil || after == nil {
		c.tell(path, before, after, PartField, planUnless(after == nil), mayNotFit)
		return
	}
	for _, p := range pairs(before, after) {
		if sameNode(p.before, p.after) {
			continue
		}
		class := Safe
		if p.after == nil {
			class = NeedsPlan
		}
		c.tell(path+"/"+p.name, p.before, p.after, PartField, class, mayNotFit)
	}
}

// rules compares the rules over several questions.
func (c *comparison) rules(before, after *node) {
	if before == nil {
		before = &node{kind: sequence}
	}
	if after == nil {
		after = &node{kind: sequence}
	}
	for _, p := range pairs(before, after) {
		if sameNode(p.before, p.after) {
			continue
		}
		class := Safe
		switch {
		case p.after == nil, p.after.get("severity").str() == "warning": // nothing is refused by it
		case p.before == nil, p.before.get("severity").str() == "warning", !sameNode(p.before.get("rule"), p.after.get("rule")), !sameNode(p.before.get("when"), p.after.get("when")):
			class = NeedsPlan
		}
		c.tell("x-rules/"+p.name, p.before, p.after, PartRule, class, mayNotFit)
	}
}

// keyword compares one keyword of a schema.
func (c *comparison) keyword(path string, p pair) {
	if sameNode(p.before, p.after) {
		return
	}
	class, because, part := Safe, mayNotFit, PartField
	tighter := func(less bool) Compatibility { // a bound that is new, or moved inwards
		if p.after == nil || p.before != nil && (p.after.int() < p.before.int()) != less {
			return Safe
		}
		return NeedsPlan
	}
	switch p.name {
	case "title", "description", "x-text", "x-help", "x-asked", "x-waiver", "x-widget", "x-autocomplete", "x-page", "x-stop":
		part = PartText
	case "type":
		class, because = Forbidden, otherMeaning
	case "format", "pattern", "const":
		class = planUnless(p.after == nil)
	case "maxLength", "maxItems", "maximum", "exclusiveMaximum":
		class = tighter(true)
	case "minLength", "minItems", "minimum", "exclusiveMinimum":
		class = tighter(false)
	case "x-when":
		class, because = NeedsPlan, otherResult
	default: // $ref, x-fill, x-element, x-of, x-choices and what is to come
		class, because = NeedsPlan, otherResult
	}
	c.tell(path+"/"+p.name, p.before, p.after, part, class, because)
}
