package doctor

import (
	"context"
	"encoding/json"
	"errors"
	"testing/fstest"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/hoso-gov/hoso/procedures"
)

// errNoVersion reports a version of a procedure that nobody holds any more.
var errNoVersion = errors.New("the version cannot be loaded")

// definitions finds the versions of procedures that cases were filed under.
type definitions struct {
	catalogue *procedures.Catalogue // nil: none
	loaded    map[procedures.Hash]*procedures.Procedure
}

// find returns a version; its error wraps errNoVersion when there is none.
func (d *definitions) find(ctx context.Context, db *pgxpool.Pool, h procedures.Hash) (*procedures.Procedure, error) {
	if p, ok := d.loaded[h]; ok {
		if p == nil {
			return nil, errNoVersion
		}
		return p, nil
	}
	if d.catalogue != nil {
		if p, ok := d.catalogue.ByHash(h); ok {
			d.loaded[h] = p
			return p, nil
		}
	}
	var raw []byte
	err := db.QueryRow(ctx, `SELECT files FROM definitions WHERE hash = $1`, h).Scan(&raw)
	if errors.Is(err, pgx.ErrNoRows) {
		d.loaded[h] = nil
		return nil, errNoVersion
	}
	if err != nil {
		return nil, err
	}
	var files map[string]string
	if err := json.Unmarshal(raw, &files); err != nil {
		d.loaded[h] = nil
		return nil, errNoVersion
	}
	tree := fstest.MapFS{}
	for path, text := range files {
		tree[path] = &fstest.MapFile{Data: []byte(text)}
	}
	catalogue, _ := procedures.LoadToRun(tree)
	for _, p := range catalogue.All() {
		if p.Hash == h {
			d.loaded[h] = p
			return p, nil
		}
	}
	d.loaded[h] = nil
	return nil, errNoVersion
}
