package resident

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"sync"
	"time"

	"github.com/goccy/go-yaml"
)

// demo is the demo population of all its files.
var demo = sync.OnceValues(func() (demoFile, error) { return readDemo(demoFiles) })

// readDemo puts the files data/demo.yaml and data/demo-*.yaml of a tree together: people
// and households of one may be tied to those of another, and each stands once.
func readDemo(tree fs.FS) (demoFile, error) {
	names, err := fs.Glob(tree, "data/demo-*.yaml")
	if err != nil {
		return demoFile{}, err
	}
	var all demoFile
	where := map[string]string{} // number of a person, "household 7": the file it stands in
	for _, name := range append([]string{"data/demo.yaml"}, names...) {
		src, err := fs.ReadFile(tree, name)
		if err != nil {
			return demoFile{}, err
		}
		var f demoFile
		if err := yaml.UnmarshalWithOptions(src, &f, yaml.Strict()); err != nil {
			return demoFile{}, fmt.Errorf("resident/%s: %w", name, err)
		}
		var wrong []error
		once := func(what string) {
			if first, taken := where[what]; taken {
				wrong = append(wrong, fmt.Errorf("resident/%s: %s stands in %s already", name, what, first))
			}
			where[what] = path.Base(name)
		}
		for _, p := range f.People {
			once(p.Number)
			if err := p.check(); err != nil {
				wrong = append(wrong, fmt.Errorf("resident/%s: %s %s: %w", name, p.Number, p.Name, err))
			}
		}
		for i, h := range f.Households {
			once(fmt.Sprint("household ", h.ID))
			f.Households[i].Since = cmp.Or(h.Since, f.Since, all.Since)
			if len(h.Members) == 0 {
				wrong = append(wrong, fmt.Errorf("resident/%s: household %d has no members", name, h.ID))
			}
		}
		if err := errors.Join(wrong...); err != nil {
			return demoFile{}, err
		}
		all.Since = cmp.Or(all.Since, f.Since)
		all.People, all.Households = append(all.People, f.People...), append(all.Households, f.Households...)
	}
	return all, all.check(where)
}

// check holds a person against their own number.
func (p demoPerson) check() error {
	born, err := time.Parse(iso, p.Born)
	if err != nil {
		return err
	}
	n, err := ParseNumber(p.Number)
	if err != nil {
		return err
	}
	if !n.Fits(p.Sex, born) {
		return fmt.Errorf("the number says %s, born %d", n.Sex(), n.BirthYear())
	}
	if p.Note != nil && (p.Note.VI == "" || p.Note.EN == "") {
		return errors.New("the note needs vi and en")
	}
	return nil
}

// check holds people and households against each other: whom they name is there, and marriages are of two.
func (f demoFile) check(where map[string]string) error {
	var wrong []error
	spouse := map[string]string{}
	for _, p := range f.People {
		spouse[p.Number] = p.Spouse
	}
	for _, p := range f.People {
		for _, other := range []string{p.Father, p.Mother, p.Spouse} {
			if _, there := where[other]; other != "" && !there {
				wrong = append(wrong, fmt.Errorf("resident/data/%s: %s %s names %s, whom no file has", where[p.Number], p.Number, p.Name, other))
			}
		}
		if p.Spouse != "" && spouse[p.Spouse] != p.Number {
			wrong = append(wrong, fmt.Errorf("resident/data/%s: %s %s is married to %s, who is not married to them", where[p.Number], p.Number, p.Name, p.Spouse))
		}
	}
	home := map[string]int64{}
	for _, h := range f.Households {
		for _, m := range h.Members {
			file := where[fmt.Sprint("household ", h.ID)]
			if _, there := where[m.Number]; !there {
				wrong = append(wrong, fmt.Errorf("resident/data/%s: household %d has a member %s, whom no file has", file, h.ID, m.Number))
			}
			if other, taken := home[m.Number]; taken {
				wrong = append(wrong, fmt.Errorf("resident/data/%s: %s is a member of the households %d and %d", file, m.Number, other, h.ID))
			}
			home[m.Number] = h.ID
		}
	}
	return errors.Join(wrong...)
}
