package main

import (
	"context"
	"errors"
	"log/slog"
	"sync"

	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/sandbox/world"
	"github.com/hoso-gov/hoso/stage"
	"github.com/hoso-gov/hoso/web/studio"
)

// studio is what the author's pages work on; nil: the node does not serve them.
func (a *app) studio() (*studio.Config, error) {
	if !a.set.Studio {
		return nil, nil
	}
	cfg := &studio.Config{Tree: procedures.FS, Prefix: "procedures"}
	if a.set.Procedures != "" {
		tree, prefix, err := definitions(a.set.Procedures)
		if err != nil {
			return nil, err
		}
		cfg.Tree, cfg.Prefix = tree, prefix
		if a.set.Sandbox != "" { // a production node never writes definitions
			cfg.Folder = prefix
		}
	}
	if a.set.StudioDB != "" {
		cfg.Stage = func(ctx context.Context) (*stage.Database, error) { return a.previews.database(ctx, a.set.StudioDB) }
	}
	return cfg, nil
}

// previews makes the databases of previews, and drops them when the node ends.
type previews struct {
	data   *world.Data // of the registries there; nil: what the binary carries
	mu     sync.Mutex
	server *stage.Server // nil: none was asked for yet
	open   []*stage.Database
}

func (p *previews) database(ctx context.Context, url string) (*stage.Database, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.server == nil {
		server, err := stage.Connect(ctx, url)
		if err != nil {
			return nil, err
		}
		server.Data, p.server = p.data, server
	}
	db, err := p.server.Database(ctx)
	if err == nil {
		p.open = append(p.open, db)
	}
	return db, err
}

func (p *previews) close(log *slog.Logger) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.server == nil {
		return
	}
	for _, db := range p.open {
		db.Close()
	}
	if err := p.server.Close(); err != nil && !errors.Is(err, context.Canceled) {
		log.Error("drop the databases of previews", "error", err)
	}
}
