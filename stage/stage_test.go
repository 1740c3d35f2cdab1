package stage

import (
	"os"
	"testing"

	"github.com/hoso-gov/hoso/internal/pgtest"
	"github.com/hoso-gov/hoso/procedures"
)

// Every story of every procedure comes true on the real engine.
func TestStories(t *testing.T) {
	t.Parallel()
	catalogue, findings := procedures.Load(os.DirFS("../procedures"))
	for _, f := range findings {
		if !f.Warning {
			t.Fatal(f)
		}
	}
	for _, p := range catalogue.All() {
		for _, story := range p.Scenarios {
			t.Run(string(p.ID)+"/"+story.ID, func(t *testing.T) {
				t.Parallel()
				s, err := New(t.Context(), pgtest.New(t), catalogue, story.At, t.TempDir())
				if err != nil {
					t.Fatal(err)
				}
				differences, err := s.Play(t.Context(), p, story)
				for _, d := range differences {
					t.Error(d)
				}
				if err != nil {
					t.Fatal(err)
				}
			})
		}
	}
}
