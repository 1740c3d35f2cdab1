package stage

import (
	"context"
	"time"

	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/sandbox/world"
)

// Now is the time on the stage.
func (s *Stage) Now() time.Time { return s.now }

// Cases is the engine that stories are played on.
func (s *Stage) Cases() *cases.Service { return s.cases }

// World is what the registries hold and did.
func (s *Stage) World() *world.World { return s.world }

// Pass lets time go by: whatever falls due on the way happens at its instant.
func (s *Stage) Pass(ctx context.Context, until time.Time) error { return s.pass(ctx, until) }
