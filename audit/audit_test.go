package audit_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/hoso-gov/hoso/audit"
	"github.com/hoso-gov/hoso/audit/check"
	"github.com/hoso-gov/hoso/internal/pgtest"
)

func entry(subject string) audit.Entry {
	return audit.Entry{ReaderKind: "officer", Reader: "cb-01", Agency: "CA-00070", Subject: subject, Case: "H29-1",
		Purpose: "Giải quyết hồ sơ", Basis: "law: Luật Cư trú", Fields: []string{"fullName", "birthDate"}}
}

func read(t *testing.T, db *pgxpool.Pool, entries ...audit.Entry) {
	t.Helper()
	if err := pgx.BeginFunc(t.Context(), db, func(tx pgx.Tx) error { return audit.Read(t.Context(), tx, entries...) }); err != nil {
		t.Fatal(err)
	}
}

// A read whose transaction fails leaves no entry, and an entry without a reason is refused.
func TestReadIsPartOfTheTransaction(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	failed := errors.New("the page could not be shown")
	err := pgx.BeginFunc(t.Context(), db, func(tx pgx.Tx) error {
		if err := audit.Read(t.Context(), tx, entry("001196000101")); err != nil {
			return err
		}
		return failed
	})
	if !errors.Is(err, failed) {
		t.Fatal(err)
	}
	if got, _, _ := audit.Reads(t.Context(), db, "001196000101", "", 10); len(got) != 0 {
		t.Errorf("got %d entries of a read that was undone", len(got))
	}
	err = pgx.BeginFunc(t.Context(), db, func(tx pgx.Tx) error {
		e := entry("001196000101")
		e.Purpose = ""
		return audit.Read(t.Context(), tx, e)
	})
	if !errors.Is(err, audit.ErrIncomplete) {
		t.Errorf("a read without a purpose: got %v, want ErrIncomplete", err)
	}
}

// The citizen's page shows all reads of their data, newest first, and nobody else's.
func TestReadsPages(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	for i := range 7 {
		e := entry("001196000101")
		e.Case = fmt.Sprint(i)
		read(t, db, e, entry("001090000102"))
	}
	var got []string
	cursor := ""
	for {
		page, next, err := audit.Reads(t.Context(), db, "001196000101", cursor, 3)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range page {
			got = append(got, e.Case)
		}
		if cursor = next; next == "" {
			break
		}
	}
	if diff := cmp.Diff([]string{"6", "5", "4", "3", "2", "1", "0"}, got); diff != "" {
		t.Error(diff)
	}
}

// Sealing while readers write leaves one chain with every entry in it.
func TestSealAmongReaders(t *testing.T) {
	t.Parallel()
	db := pgtest.New(t)
	var readers sync.WaitGroup
	for i := range 4 {
		readers.Go(func() {
			for range 25 {
				read(t, db, entry(fmt.Sprintf("00109000010%d", i)))
			}
		})
	}
	for range 2 {
		readers.Go(func() {
			for range 10 {
				if _, err := audit.Seal(t.Context(), db); err != nil {
					t.Error(err)
				}
			}
		})
	}
	readers.Wait()
	if _, err := audit.Seal(t.Context(), db); err != nil {
		t.Fatal(err)
	}
	r, err := check.Verify(t.Context(), check.Config{DB: db})
	if err != nil || r.Sealed != 100 || r.Unsealed != 0 || len(r.Findings) != 0 {
		t.Errorf("got %+v, %v; want 100 sealed, no faults", r, err)
	}
}
