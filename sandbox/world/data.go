package world

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"sync"
	"testing/fstest"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/hoso-gov/hoso/registry"
	"github.com/hoso-gov/hoso/sandbox/data"
	"github.com/hoso-gov/hoso/sandbox/world/ruled"
)

// Data are what worlds begin with. They never change; any number of worlds may
// share them.
type Data struct {
	tree  fs.FS
	rules *ruled.Set
	bases sync.Map // day → JSON of the state of what is written here
}

// Shipped are the data that the binary carries.
var Shipped = sync.OnceValues(func() (*Data, error) { return load(data.Files) })

// ReadData are the files of a folder, over those that the binary carries. The
// error tells all that is wrong, with file and line.
func ReadData(folder fs.FS) (*Data, error) {
	all := fstest.MapFS{}
	for _, tree := range []fs.FS{data.Files, folder} {
		names, err := fs.Glob(tree, "*.yaml")
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			text, err := fs.ReadFile(tree, name)
			if err != nil {
				return nil, err
			}
			all[name] = &fstest.MapFile{Data: text}
		}
	}
	return load(all)
}

func load(tree fs.FS) (*Data, error) {
	rules, err := ruled.Load(tree)
	if err != nil {
		return nil, fmt.Errorf("data of the sandbox:\n%w", err)
	}
	err = rules.Clash(func(kind string) string { return kinds[kind].registry },
		func(name, operation string) bool { _, written := operations[name][operation]; return written })
	if err != nil {
		return nil, fmt.Errorf("data of the sandbox:\n%w", err)
	}
	d := &Data{tree: tree, rules: rules}
	_, err = d.begin(time.Now().Format(time.DateOnly))
	return d, err
}

// Registries lists the names of all registries.
func (d *Data) Registries() []string {
	out := slices.Concat(slices.Collect(maps.Keys(operations)), d.rules.Registries())
	slices.Sort(out)
	return slices.Compact(out)
}

// Kinds lists the kinds that a registry answers.
func (d *Data) Kinds(name string) []string {
	out := d.rules.Kinds(name)
	for kind, k := range kinds {
		if k.registry == name {
			out = append(out, kind)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Operations lists what a registry does on request.
func (d *Data) Operations(name string) []string {
	out := slices.Concat(slices.Collect(maps.Keys(operations[name])), d.rules.Operations(name))
	slices.Sort(out)
	return out
}

// Fields lists what an operation reads in its body.
func (d *Data) Fields(name, operation string) []string {
	if o, written := operations[name][operation]; written {
		return o.fields
	}
	return d.rules.Fields(name, operation)
}

// registry is the one that answers a kind; empty: none.
func (d *Data) registry(kind string) string {
	if k, written := kinds[kind]; written {
		return k.registry
	}
	return d.rules.Registry(kind)
}

// begin is the state of what is written here as of a day (an ISO date).
func (d *Data) begin(day string) (*state, error) {
	text, known := d.bases.Load(day)
	if !known {
		at, err := time.Parse(time.DateOnly, day)
		if err != nil {
			return nil, err
		}
		var s state
		for file, into := range map[string]any{"fines.yaml": &s.finesData, "civil-status.yaml": &s.civilData, "health-insurance.yaml": &s.healthData, "land.yaml": &s.landData} {
			src, err := fs.ReadFile(d.tree, file)
			if err != nil {
				return nil, err
			}
			if err := yaml.UnmarshalWithOptions(relative(src, at), into, yaml.Strict()); err != nil {
				return nil, fmt.Errorf("data of the sandbox: %s: %w", file, err)
			}
		}
		s.Loaded, s.Books = day, map[string][]*Entry{}
		if text, err = json.Marshal(&s); err != nil {
			return nil, err
		}
		d.bases.Store(day, text)
	}
	s := &state{}
	return s, json.Unmarshal(text.([]byte), s)
}

// kinds tells which registry answers which kind, and how, of those written here.
var kinds = map[string]struct {
	registry string
	read     func(s *state, key, today string) any // nil: no such record
}{
	"fine":          {"fines", readFine},
	"myFines":       {"fines", readMyFines},
	"minutes":       {"fines", readMinutes},
	"marriage":      {"civil-status", readMarriage},
	"kinship":       {"civil-status", readKinship},
	"birthNotice":   {"health-insurance", readBirthNotices},
	"noticeOfBirth": {"health-insurance", readNotice},
	"facilities":    {"health-insurance", readFacilities},
	"insuredChild":  {"health-insurance", readInsuredChild},
	"landholdings":  {"land", readLandholdings},
	"dwelling":      {"land", readDwelling},
}

// written is an operation that is written here, and what it reads in its body.
type written struct {
	do     func(s *state, body fields, today string) registry.Reply
	fields []string
}

// operations tells what each registry does on request, of those written here.
var operations = map[string]map[string]written{
	"fines": {
		"mark-paid":     {markPaid, []string{"amount", "number", "paidOn", "receipt"}},
		"annul-payment": {annulPayment, []string{"number", "receipt"}},
		"lift-bars":     {liftBars, []string{"number"}},
	},
	"civil-status": {
		"register-birth": {registerBirth, []string{"birthDate", "childNumber", "fatherNumber", "fullName", "motherNumber", "noticeCode", "sex"}},
	},
	"health-insurance": {
		"issue-card":  {issueCard, []string{"birthDate", "childNumber", "facility", "fullName", "motherNumber", "object"}},
		"revoke-card": {revokeCard, []string{"childNumber"}},
	},
	"land": {},
}
