package cases

import (
	"github.com/hoso-gov/hoso/forms"
	"github.com/hoso-gov/hoso/procedures"
)

// Papers are the papers that an evaluated draft asks for now; none while its
// variant cannot be told.
func (d *Draft) Papers() ([]*procedures.Attachment, error) {
	if d.vars == nil || d.Variant == "" && len(d.Procedure.Variants) > 0 {
		return nil, nil
	}
	return d.Procedure.AttachmentsFor(d.vars)
}

// Problems are what is wrong with the answers of an evaluated draft, and what
// is missing; warnings come beside them. Unlike Review it writes nothing.
func (s *Service) Problems(d *Draft) []forms.Problem {
	_, problems := d.Procedure.Form.Validate(s.formContext(d))
	return problems
}
