package archive

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"
)

// Options say how a month is detached.
type Options struct {
	ClosedBefore time.Time // the last case must have ended before: retention is over. Required
	Dir          string    // the archive becomes the folder in it that is named as the month. Required
	Drop         bool      // the partitions are dropped afterwards
}

// Detach archives a month, takes its partitions out of the tables of cases and,
// when told to, drops them. Of a month that is detached already it only drops
// them. It may be killed at any place and run again: the month is in use until
// the archive was read back and one transaction has detached all partitions.
//
// Errors to act upon: ErrNoMonth, ErrDetached, ErrDropped, ErrBusy, ErrChanged, *RefusedError.
func (a *Archive) Detach(ctx context.Context, suffix string, o Options) (*Manifest, error) {
	var out *Manifest
	err := a.alone(ctx, func() (err error) {
		out, err = a.detach(ctx, suffix, o)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("detach %s: %w", suffix, err)
	}
	return out, nil
}

func (a *Archive) detach(ctx context.Context, suffix string, o Options) (*Manifest, error) {
	m, err := find(ctx, a.cfg.DB, suffix)
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(o.Dir, suffix)
	if m.DetachedAt != nil {
		if !o.Drop {
			return nil, ErrDetached
		}
		return a.drop(ctx, m, dir)
	}
	if o.ClosedBefore.IsZero() || o.Dir == "" {
		return nil, errors.New("when retention is over and where the archive goes has to be said")
	}
	if err := a.refuse(ctx, m, o.ClosedBefore); err != nil {
		return nil, err
	}
	// From here on a change of the month is noticed.
	if err := a.watch(ctx, m); err != nil {
		return nil, err
	}
	made, sum, err := a.make(ctx, m, dir, o.ClosedBefore)
	if err == nil {
		a.cfg.Tell("detaching")
		err = a.takeOut(ctx, m, made, sum)
	}
	if err != nil {
		return nil, errors.Join(err, a.unwatch(context.WithoutCancel(ctx), m))
	}
	if o.Drop {
		if m, err = find(ctx, a.cfg.DB, suffix); err != nil {
			return nil, err
		}
		return a.drop(ctx, m, dir)
	}
	return made, nil
}

// make checks the month and writes its archive. What another run left unfinished is removed.
func (a *Archive) make(ctx context.Context, m *Month, dir string, closedBefore time.Time) (*Manifest, []byte, error) {
	a.cfg.Tell("verifying the records")
	now, err := find(ctx, a.cfg.DB, m.Suffix) // a step may have come before the watch
	if err != nil {
		return nil, nil, err
	}
	if err := errors.Join(a.refuse(ctx, now, closedBefore), a.verify(ctx, m)); err != nil {
		return nil, nil, err
	}
	a.cfg.Tell("counting")
	if err := a.cfg.Cases.KeepStubs(ctx, m.Suffix, m.first, m.past); err != nil {
		return nil, nil, err
	}
	tmp := partial(dir)
	if err := os.RemoveAll(tmp); err != nil {
		return nil, nil, err
	}
	if err := os.MkdirAll(tmp, 0o700); err != nil {
		return nil, nil, err
	}
	made := &Manifest{Format: 1, Month: m.Suffix, First: m.first, Past: m.past, MadeAt: time.Now().UTC().Truncate(time.Second), ClosedBefore: closedBefore,
		Cases: now.Cases, Events: now.Events, Program: program()}
	if err := a.cfg.DB.QueryRow(ctx, `SELECT max(version_id) FROM goose_db_version`).Scan(&made.Schema); err != nil {
		return nil, nil, err
	}
	if made.Files, err = a.write(ctx, m, tmp); err != nil {
		return nil, nil, err
	}
	sum, err := made.save(tmp)
	if err != nil {
		return nil, nil, err
	}
	if err := a.readBack(tmp, sum); err != nil {
		return nil, nil, err
	}
	return made, sum, replace(tmp, dir)
}

// readBack reads an archive from the disk, and compares it with its manifest and what that says.
func (a *Archive) readBack(dir string, sum []byte) error {
	a.cfg.Tell("reading the archive back")
	m, got, err := readManifest(dir)
	if err != nil {
		return err
	}
	if !bytes.Equal(got, sum) {
		return fmt.Errorf("%s is not the manifest of this archive", filepath.Join(dir, manifestName))
	}
	for _, f := range m.Files {
		if err := readBack(dir, f); err != nil {
			return err
		}
		switch {
		case f.Table == "cases" && f.Rows != m.Cases:
			return fmt.Errorf("%s has %d cases, the database %d", dir, f.Rows, m.Cases)
		case f.Table == "case_events" && f.Rows != m.Events:
			return fmt.Errorf("%s has %d events, the cases count %d", dir, f.Rows, m.Events)
		}
	}
	return nil
}

// replace gives a complete archive its name. The month is still in use, so what
// stood there before is of a run that did not come to its end.
func replace(tmp, dir string) error {
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	if err := os.Rename(tmp, dir); err != nil {
		return err
	}
	return syncDir(filepath.Dir(dir))
}

// watch lets the database note whether a row of the month is written from now on;
// who writes one at the moment is waited for.
func (a *Archive) watch(ctx context.Context, m *Month) error {
	return a.shortly(ctx, func(tx pgx.Tx) error {
		list, err := partitions(ctx, tx, "public", m.Suffix)
		if err != nil {
			return err
		}
		for _, name := range list {
			if _, err := tx.Exec(ctx, fmt.Sprintf(`CREATE OR REPLACE TRIGGER month_watched AFTER INSERT OR UPDATE OR DELETE ON %s FOR EACH ROW EXECUTE FUNCTION case_month_changed('%s')`,
				part("public", name, m.Suffix), m.Suffix)); err != nil {
				return err
			}
		}
		_, err = tx.Exec(ctx, `UPDATE case_months SET changed_at = NULL WHERE suffix = $1`, m.Suffix)
		return err
	})
}

// unwatch ends the watch over a month that stays. One that is left behind does no harm.
func (a *Archive) unwatch(ctx context.Context, m *Month) error {
	return a.shortly(ctx, func(tx pgx.Tx) error {
		list, err := partitions(ctx, tx, "public", m.Suffix)
		for _, name := range list {
			if _, err := tx.Exec(ctx, `DROP TRIGGER IF EXISTS month_watched ON `+part("public", name, m.Suffix)); err != nil {
				return err
			}
		}
		return err
	})
}

// takeOut detaches all partitions of the month, unless a row of it was written
// since the archive was begun.
func (a *Archive) takeOut(ctx context.Context, m *Month, made *Manifest, sum []byte) error {
	return a.shortly(ctx, func(tx pgx.Tx) error {
		list, err := partitions(ctx, tx, "public", m.Suffix)
		if err != nil {
			return err
		}
		for _, name := range list {
			if _, err := tx.Exec(ctx, fmt.Sprintf(`LOCK TABLE ONLY public.%s, %s IN ACCESS EXCLUSIVE MODE`, pgx.Identifier{name}.Sanitize(), part("public", name, m.Suffix))); err != nil {
				return err
			}
		}
		tag, err := tx.Exec(ctx, `
			UPDATE case_months
			SET detached_at = now(), manifest = $2, archived = jsonb_build_object('cases', $3::bigint, 'events', $4::bigint)
			WHERE suffix = $1 AND detached_at IS NULL AND changed_at IS NULL`, m.Suffix, sum, made.Cases, made.Events)
		if err == nil && tag.RowsAffected() == 0 {
			err = ErrChanged
		}
		if err != nil {
			return err
		}
		if err := countMonth(ctx, tx, m, -1); err != nil {
			return err
		}
		for _, name := range list {
			p := part("public", name, m.Suffix)
			for _, sql := range []string{
				`DROP TRIGGER IF EXISTS month_watched ON ` + p,
				`ALTER TABLE public.` + pgx.Identifier{name}.Sanitize() + ` DETACH PARTITION ` + p,
				`REVOKE ALL ON ` + p + ` FROM hoso_app, hoso_reader`,
				`ALTER TABLE ` + p + ` SET SCHEMA detached`,
			} {
				if _, err := tx.Exec(ctx, sql); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// drop drops the partitions of a detached month whose archive is at hand and complete.
func (a *Archive) drop(ctx context.Context, m *Month, dir string) (*Manifest, error) {
	if m.State == Dropped {
		return nil, ErrDropped
	}
	if err := a.readBack(dir, m.manifest); err != nil {
		return nil, fmt.Errorf("its archive: %w", err)
	}
	made, _, err := readManifest(dir)
	if err != nil {
		return nil, err
	}
	a.cfg.Tell("dropping")
	return made, a.shortly(ctx, func(tx pgx.Tx) error {
		list, err := partitions(ctx, tx, "detached", m.Suffix)
		for _, name := range list {
			if _, err := tx.Exec(ctx, `DROP TABLE `+part("detached", name, m.Suffix)); err != nil {
				return err
			}
		}
		return err
	})
}
