package procedures

import (
	"fmt"
	"slices"
	"testing/fstest"

	"github.com/hoso-gov/hoso/expr"
	"github.com/hoso-gov/hoso/workflow"
)

// LoadFiles loads one version from the files that its hash covers, as
// [Catalogue.Files] gave them. A version that was sound when it was published
// stays loadable though later rules would find fault with it; it is an error when
// the files are another version's, or when a part of it is no longer understood,
// so that it would run as something else.
func LoadFiles(files map[string]string, h Hash) (*Procedure, error) {
	if got := hashOf(files); got != h {
		return nil, fmt.Errorf("the files are those of version %.12s", got)
	}
	tree := fstest.MapFS{}
	for path, text := range files {
		tree[path] = &fstest.MapFile{Data: []byte(text)}
	}
	c, findings := Load(tree)
	p, ok := c.ByHash(h)
	if !ok {
		return nil, fmt.Errorf("they hold no procedure: %s", first(findings))
	}
	i := slices.IndexFunc(findings, func(f workflow.Finding) bool { return !f.Warning && slices.Contains(notUnderstood, f.Code) })
	if i >= 0 {
		return nil, fmt.Errorf("it is not understood: %s", findings[i])
	}
	if p.Form == nil || p.Machine == nil {
		return nil, fmt.Errorf("it is not understood: %s", first(findings))
	}
	return p, nil
}

// notUnderstood are the codes of findings after which something of a definition
// is missing from what was compiled. Others are obligations on what was.
var notUnderstood = []string{"FILE", "YAML", "KEYS", "SHAPE", "TEMPLATE", string(expr.Syntax), string(expr.Typed), string(expr.Unknown), string(expr.Impure), string(expr.Costly)}

func first(findings []workflow.Finding) string {
	if len(findings) == 0 {
		return "there is no folder in them"
	}
	return findings[0].String()
}
