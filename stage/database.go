package stage

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/document"
	"github.com/hoso-gov/hoso/postgres"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/resident"
	"github.com/hoso-gov/hoso/sandbox/world"
)

// Database is where stories are played one after the other. Each finds it as the
// first did: the demonstration's people and agencies, and no case. Only one
// goroutine may use it.
type Database struct {
	owner    *pgx.Conn // puts everything back
	pool     *pgxpool.Pool
	keys     string // folder of the agencies' signing keys; removed at the end
	agencies *agency.Directory
	data     *world.Data // of the registries
	papers   *forms
	tables   []table
	numbers  []string // statements that set the sequences back
	dirty    string   // query: the tables in which something has changed
	resets   int
	now      time.Time // of the story on stage
}

// A table of the schema, and what is done to make it as it was.
type table struct {
	name   string
	kept   int    // rows of the demonstration; 0: it is emptied
	copied string // where they are
}

// conns are enough for the few reads that the engine does side by side; each
// prepares its statements once.
const conns = 6

// vacuumEvery is after how many stories the rows that were removed are cleared
// away, so that the thousandth story is as quick as the first.
const vacuumEvery = 100

// Open takes possession of a migrated database without cases: url is that of
// a superuser, or of an owner who may set session_replication_role. It loads the
// demonstration there.
func Open(ctx context.Context, url string) (d *Database, err error) {
	d = &Database{}
	defer func() {
		if err != nil {
			d.Close()
			err = fmt.Errorf("open the stage's database: %w", err)
		}
	}()
	if d.data, err = world.Shipped(); err != nil {
		return d, err
	}
	if err := people(ctx, url); err != nil {
		return d, err
	}
	if d.owner, err = pgx.Connect(ctx, url); err != nil {
		return d, err
	}
	if err := d.remember(ctx); err != nil {
		return d, err
	}
	if d.pool, err = postgres.Open(ctx, url, postgres.Options{MaxConns: conns, ApplicationName: "hoso test", Statement: time.Minute, Lock: 20 * time.Second,
		Idle: time.Minute, Role: postgres.AppRole}); err != nil {
		return d, err
	}
	if d.agencies, err = agency.New(ctx, agency.Config{DB: d.pool, Now: func() time.Time { return d.now }}); err != nil {
		return d, err
	}
	if d.keys, err = os.MkdirTemp("", "hoso-stage-keys-"); err != nil {
		return d, err
	}
	set, err := printer(d.keys)
	d.papers = &forms{printer: set, printed: map[string]*document.Printed{}}
	return d, err
}

// Close gives the connections back. The database stays.
func (d *Database) Close() {
	if d.pool != nil {
		d.pool.Close()
	}
	if d.owner != nil {
		d.owner.Close(context.Background())
	}
	if d.keys != "" {
		os.RemoveAll(d.keys)
	}
}

// Set clears the stage of the last story and sets it at an instant. The stage of
// the last story must not be used any more.
func (d *Database) Set(ctx context.Context, catalogue *procedures.Catalogue, at time.Time) (*Stage, error) {
	if err := d.reset(ctx); err != nil {
		return nil, fmt.Errorf("clear the stage: %w", err)
	}
	return newStage(ctx, d.pool, catalogue, at, d.agencies, d.data, d.papers, func(now time.Time) { d.now = now })
}

// people loads the demonstration as the database's owner, which an installation
// does before the program runs.
func people(ctx context.Context, url string) error {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return err
	}
	cfg.MaxConns = 2
	owner, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return err
	}
	defer owner.Close()
	if err := agency.LoadDemo(ctx, owner); err != nil {
		return err
	}
	return resident.LoadDemo(ctx, owner)
}

// remember notes what there is: tables that hold the demonstration are copied,
// all others are empty before each story. goose's own table says which
// migrations ran, and River's which of its own: no story writes them. What the
// engine keeps of the definitions and calendars that it carries is the same for
// all stories, and large: it stays.
func (d *Database) remember(ctx context.Context) error {
	if _, err := d.owner.Exec(ctx, `SET session_replication_role = replica; CREATE SCHEMA IF NOT EXISTS stage`); err != nil {
		return err
	}
	rows, _ := d.owner.Query(ctx, `
		SELECT n.nspname, c.relname
		FROM pg_class c
		JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname IN ('public', 'river')
			AND c.relname NOT IN ('goose_db_version', 'river_migration', 'definitions', 'calendar_revisions')
		ORDER BY 1, 2`)
	names, err := pgx.CollectRows(rows, func(r pgx.CollectableRow) (pgx.Identifier, error) {
		name := make(pgx.Identifier, 2)
		return name, r.Scan(&name[0], &name[1])
	})
	if err != nil {
		return err
	}
	var dirty []string
	for _, name := range names {
		t := table{name: name.Sanitize(), copied: pgx.Identifier{"stage", name[1]}.Sanitize()}
		if err := d.owner.QueryRow(ctx, `SELECT count(*) FROM `+t.name).Scan(&t.kept); err != nil {
			return err
		}
		changed := fmt.Sprintf(`SELECT %d WHERE EXISTS (SELECT FROM %s)`, len(d.tables), t.name)
		if t.kept > 0 {
			if _, err := d.owner.Exec(ctx, fmt.Sprintf(`CREATE TABLE %s AS TABLE %s`, t.copied, t.name)); err != nil {
				return err
			}
			// What was put back in one transaction has its xmin: any other was written since.
			changed = fmt.Sprintf(`SELECT %d FROM %s HAVING count(*) <> %d OR count(*) FILTER (WHERE xmin = (SELECT xid FROM stage.put WHERE t = %[1]d)) <> %[3]d`,
				len(d.tables), t.name, t.kept)
		}
		dirty, d.tables = append(dirty, changed), append(d.tables, t)
	}
	d.dirty = strings.Join(dirty, ` UNION ALL `)
	if _, err := d.owner.Exec(ctx, `CREATE TABLE stage.put (t int PRIMARY KEY, xid xid NOT NULL)`); err != nil {
		return err
	}
	rows, _ = d.owner.Query(ctx, `
		SELECT format('setval(%L, %s, %L)', quote_ident(schemaname) || '.' || quote_ident(sequencename), coalesce(last_value, start_value), last_value IS NOT NULL)
		FROM pg_sequences
		WHERE schemaname IN ('public', 'river')`)
	d.numbers, err = pgx.CollectRows(rows, pgx.RowTo[string])
	return err
}

// reset makes everything as it was. What is appended and never changed is
// removed here all the same: in the replica role no trigger fires.
func (d *Database) reset(ctx context.Context) error {
	rows, _ := d.owner.Query(ctx, d.dirty)
	changed, err := pgx.CollectRows(rows, pgx.RowTo[int32])
	if err != nil || len(changed) == 0 {
		return err
	}
	batch := &pgx.Batch{}
	batch.Queue(`BEGIN`)
	for _, i := range changed {
		t := d.tables[i]
		batch.Queue(`DELETE FROM ` + t.name)
		if t.kept > 0 {
			batch.Queue(fmt.Sprintf(`INSERT INTO %s SELECT * FROM %s`, t.name, t.copied))
			batch.Queue(`INSERT INTO stage.put SELECT $1, pg_current_xact_id()::xid ON CONFLICT (t) DO UPDATE SET xid = excluded.xid`, i)
		}
	}
	batch.Queue(`SELECT ` + strings.Join(d.numbers, `, `))
	batch.Queue(`COMMIT`)
	if err := d.owner.SendBatch(ctx, batch).Close(); err != nil {
		return err
	}
	if d.resets++; d.resets%vacuumEvery == 0 {
		for _, i := range changed {
			if _, err := d.owner.Exec(ctx, `VACUUM `+d.tables[i].name); err != nil {
				return err
			}
		}
	}
	return nil
}
