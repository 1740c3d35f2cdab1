package stage

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/sandbox/world"
)

// Now is the time on the stage.
func (s *Stage) Now() time.Time { return s.now }

// Cases is the engine that stories are played on.
func (s *Stage) Cases() *cases.Service { return s.cases }

// DB is the database of the stage, as the program's own role sees it.
func (s *Stage) DB() *pgxpool.Pool { return s.db }

// Review fills a draft as a story tells it and returns what the check page shows
// of it. Nothing is filed.
func (s *Stage) Review(ctx context.Context, p *procedures.Procedure, story *procedures.Scenario) (*cases.Review, error) {
	_, r, err := (&play{Stage: s, p: p, story: story}).draft(ctx)
	return r, err
}

// World is what the registries hold and did.
func (s *Stage) World() *world.World { return s.world }

// Pass lets time go by: whatever falls due on the way happens at its instant.
func (s *Stage) Pass(ctx context.Context, until time.Time) error { return s.pass(ctx, until) }
