package cases

import (
	"maps"
	"slices"
	"strings"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/audit"
)

// lookEntries are the entries of the log of reads for an officer who opens a
// case: one for each person whose data stand in it, with the names of what was
// shown. Citizens look at what they sent, the system reads by its own entries.
func (s *Service) lookEntries(a agency.Actor, c *snapshot, body *evaluated) []audit.Entry {
	if a.Kind != agency.Officer {
		return nil
	}
	fields := map[string]map[string]bool{c.Applicant: {"case": true}}
	note := func(number, field string) {
		if fields[number] == nil {
			fields[number] = map[string]bool{}
		}
		fields[number][field] = true
	}
	note(c.Subject, "case")
	for _, f := range body.State.Filled {
		if r, ok := body.Records[f.Subject]; ok && r.Kind == "person" && r.Key != "" && f.Value != nil {
			note(r.Key, elementName(f.Element))
		}
	}
	return s.readEntries(a, c, "Giải quyết hồ sơ "+string(c.Code), fields)
}

// fileEntries are the entries for an officer who opens a paper of a case.
func (s *Service) fileEntries(a agency.Actor, c *snapshot, what string) []audit.Entry {
	if a.Kind != agency.Officer {
		return nil
	}
	return s.readEntries(a, c, "Xem giấy tờ của hồ sơ "+string(c.Code), map[string]map[string]bool{c.Applicant: {what: true}, c.Subject: {what: true}})
}

func (s *Service) readEntries(a agency.Actor, c *snapshot, purpose string, fields map[string]map[string]bool) []audit.Entry {
	var out []audit.Entry
	for _, number := range slices.Sorted(maps.Keys(fields)) {
		out = append(out, audit.Entry{At: s.now(), ReaderKind: string(a.Kind), Reader: a.ID, Agency: string(s.seatBy(a, c.Receiving, c.Competent)), Subject: number, Case: string(c.Code),
			Purpose: purpose, Basis: basisOf(c), Fields: slices.Collect(maps.Keys(fields[number]))})
	}
	return out
}

// basisOf is the law by which the office handles the case's data.
func basisOf(c *snapshot) string {
	if len(c.Procedure.Law) > 0 {
		return "law: " + c.Procedure.Law[0].Act
	}
	return "law: Nghị định 118/2025/NĐ-CP" // the one-stop rules, under which every case is handled
}

// elementName is the datum of a record: permanentAddress of person.permanentAddress.line.
func elementName(element string) string {
	if parts := strings.Split(element, "."); len(parts) > 1 {
		return parts[1]
	}
	return element
}
