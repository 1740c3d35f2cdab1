package stage

import (
	"testing"
	"time"

	"github.com/hoso-gov/hoso/internal/pgtest"
	"github.com/hoso-gov/hoso/internal/shipped"
)

// A story finds the database as the first did, whatever was played before it: the
// same story has the same end again, and nothing of the other is left.
func TestEachStoryFindsTheDatabaseAsNew(t *testing.T) {
	t.Parallel()
	c := shipped.WithScenarios()
	d, err := Open(t.Context(), pgtest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	p, _ := c.Get("permanent-residence")
	for round := range 2 {
		for _, story := range p.Scenarios[:2] { // both write the resident database
			s, err := d.Set(t.Context(), c, story.At)
			if err != nil {
				t.Fatal(err)
			}
			var cases, changes int
			if err := d.owner.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM cases), (SELECT count(*) FROM resident_changes)`).Scan(&cases, &changes); err != nil {
				t.Fatal(err)
			}
			if cases+changes != 0 {
				t.Fatalf("round %d, %s: the stage has %d cases and %d changes of residents before it begins", round, story.ID, cases, changes)
			}
			differences, err := s.Play(t.Context(), p, story)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range differences {
				t.Errorf("round %d, %s: %s", round, story.ID, d)
			}
		}
	}
}

// A story that expects what does not come about is told so, with its line.
func TestPlayTellsDifferences(t *testing.T) {
	t.Parallel()
	c := shipped.WithScenarios()
	p, _ := c.Get("permanent-residence")
	story := *p.Scenarios[0]
	story.Ends.Outcome, story.Ends.Notices = "refused", []string{"filed", "refused"}
	s, err := New(t.Context(), pgtest.New(t), c, story.At, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.Play(t.Context(), p, &story)
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 || got[0].What != "the outcome" || got[0].Want != "refused" || got[0].Got != "granted" || got[1].What != "notices" || got[0].Line == 0 {
		t.Errorf("got %v, want the outcome granted and the notices, with their line", got)
	}
	if s.Now().Before(story.At.Add(time.Hour)) {
		t.Errorf("the clock stands at %s, before the last step", s.Now())
	}
}
