package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/postgres"
	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/resident"
	"github.com/hoso-gov/hoso/sandbox"
	"github.com/hoso-gov/hoso/sandbox/guide"
	"github.com/hoso-gov/hoso/sandbox/world"
	"github.com/hoso-gov/hoso/web/ui"
)

// devCommand is `hoso dev`: everything in one process.
func devCommand() *cobra.Command {
	var (
		d       development
		verbose bool
	)
	c := &cobra.Command{
		Use:   "dev",
		Short: "Run everything for development: database, sandbox, portal and workers",
		Long: `Dev finds the database of DATABASE_URL, or starts a PostgreSQL of its own with its data under .hoso/; brings it up to date,
loads the demonstration's people and agencies once, starts the sandbox (identity provider, registries, payment platform,
time-stamping authority, mailbox), the portal and the workers, and prints where they are and who can sign in. Ctrl-C stops all of it.

With --procedures DIR the procedures of that folder stand beside those of the binary, or in the place of one of the same name; a
folder with a common/elements.yaml stands alone. It is watched: what is saved is on its page a second later, and what has mistakes
shows them there while the version before stays.`,
		Example: `  hoso dev
  hoso dev --procedures my-procedures
  hoso dev --addr 127.0.0.1:8090 --sandbox 127.0.0.1:9190 --smtp 127.0.0.1:9125 --dir /tmp/second`,
		Args:         cobra.NoArgs,
		SilenceUsage: true,
		RunE: func(cmd *cobra.Command, _ []string) error {
			level := slog.LevelWarn
			if verbose {
				level = slog.LevelInfo
			}
			slog.SetDefault(slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), &slog.HandlerOptions{Level: level})))
			return d.run(cmd.Context(), cmd.OutOrStdout())
		},
	}
	c.Flags().StringVar(&d.addr, "addr", "127.0.0.1:8080", "address of the portal")
	c.Flags().StringVar(&d.sandbox, "sandbox", "127.0.0.1:9090", "address of the sandbox")
	c.Flags().StringVar(&d.smtp, "smtp", "127.0.0.1:9025", "address of the sandbox's mail server")
	c.Flags().StringVar(&d.dir, "dir", ".hoso", "folder that keeps database, keys and sandbox")
	c.Flags().StringVar(&d.procedures, "procedures", "", "folder of definitions, watched (default: those in the binary)")
	c.Flags().StringVar(&d.data, "sandbox-data", "", sandboxDataHelp)
	c.Flags().BoolVar(&verbose, "verbose", false, "log what goes on, not only what goes wrong")
	return c
}

// development is how `hoso dev` is set up.
type development struct {
	addr, sandbox, smtp, dir, procedures string
	data                                 string // folder of the sandbox's registries
}

func (d *development) run(ctx context.Context, out io.Writer) error {
	start := time.Now()
	d.procedures = cmp.Or(d.procedures, os.Getenv("HOSO_PROCEDURES"))
	if err := os.MkdirAll(d.dir, 0o755); err != nil {
		return fmt.Errorf("make the folder of the data: %w", err)
	}
	l, err := listen(d.addr)
	if err != nil {
		return err
	}
	defer l.Close()
	url, stop, err := d.database(ctx, out)
	if err != nil {
		return err
	}
	defer stop()
	if err := prepare(ctx, url); err != nil {
		return err
	}
	registries, err := sandboxData(d.data)
	if err != nil {
		return err
	}
	var catalogue atomic.Pointer[procedures.Catalogue]
	outside, err := d.world(ctx, registries, catalogue.Load, "http://"+l.Addr().String())
	if err != nil {
		return err
	}
	defer outside.Close()
	at := outside.Addresses()
	set := settings{Database: url, Addr: d.addr, BaseURL: "http://" + l.Addr().String(), Issuer: at.Issuer, ClientID: at.ClientID, Registries: at.Registries,
		Pay: at.Pay, SMTP: at.SMTP, MailFrom: "Cổng dịch vụ công <no-reply@hoso.example>", SMS: at.SMS, Keys: filepath.Join(d.dir, "keys"),
		Treasury: "7111.0.1054321", Procedures: d.procedures, Studio: true, StudioDB: url, Sandbox: at.Base,
		TSA: at.TSA, TSATrust: at.TSATrust, AnchorDir: filepath.Join(d.dir, "anchors")}
	if set.Limits, err = limits(os.Getenv("HOSO_LIMITS")); err != nil {
		return err
	}
	a, err := assemble(ctx, set, outside.Signer(), requestConns+workerConns)
	if err != nil {
		return err
	}
	defer a.close()
	a.previews.data = registries
	catalogue.Store(a.catalogue)
	for _, lack := range sandbox.Lacks(a.catalogue, registries) {
		fmt.Fprintf(out, "the sandbox lacks something (docs/authors/registries.md): %s\n", lack)
	}
	h, err := a.handler()
	if err != nil {
		return err
	}
	d.announce(out, at, set.BaseURL, time.Since(start))
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return serveHTTP(ctx, l, h) })
	group.Go(func() error { return a.work(ctx, nil) })
	if d.procedures != "" {
		group.Go(func() error { return a.follow(ctx, out) })
	}
	return group.Wait()
}

// database is the one of DATABASE_URL, or a server of our own.
func (d *development) database(ctx context.Context, out io.Writer) (url string, stop func(), err error) {
	if url := os.Getenv("DATABASE_URL"); url != "" {
		return url, func() {}, nil
	}
	fmt.Fprintln(out, "starting PostgreSQL …")
	s, err := postgres.Start(ctx, postgres.ServerConfig{Dir: filepath.Join(d.dir, "postgres")})
	if err != nil {
		return "", nil, err
	}
	return s.URL(), func() {
		if err := s.Stop(); err != nil {
			slog.Error("stop PostgreSQL", "error", err)
		}
	}, nil
}

// prepare migrates the database and loads the demonstration, once.
func prepare(ctx context.Context, url string) error {
	if err := postgres.Migrate(ctx, url); err != nil {
		return err
	}
	pool, err := postgres.Open(ctx, url, postgres.Options{MaxConns: 4})
	if err != nil {
		return err
	}
	defer pool.Close()
	if err := agency.LoadDemo(ctx, pool); err != nil {
		return err
	}
	return resident.LoadDemo(ctx, pool)
}

// world starts the sandbox with the demonstration's people.
func (d *development) world(ctx context.Context, data *world.Data, definitions func() *procedures.Catalogue, portal string) (*sandbox.Sandbox, error) {
	people, err := demoIdentities()
	if err != nil {
		return nil, err
	}
	s, err := sandbox.Start(ctx, sandbox.Config{HTTP: d.sandbox, SMTP: d.smtp, Dir: filepath.Join(d.dir, "sandbox"), Identities: people, Data: data, Definitions: definitions, Portal: portal})
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("%s or %s is in use by another program: stop it, or choose others with --sandbox and --smtp", d.sandbox, d.smtp)
	}
	return s, err
}

// demoIdentities are the people of the demonstration who can sign in: citizens, then officers.
func demoIdentities() ([]sandbox.Identity, error) {
	citizens, err := resident.DemoPeople()
	if err != nil {
		return nil, err
	}
	officers, err := agency.DemoOfficers()
	if err != nil {
		return nil, err
	}
	var out []sandbox.Identity
	for _, p := range citizens {
		out = append(out, sandbox.Identity{Subject: p.Number, Kind: string(agency.Citizen), Name: p.Name, Note: sandbox.Text{VI: p.Note.VI, EN: p.Note.EN}})
	}
	seen := map[string]int{}
	for _, o := range officers {
		if i, ok := seen[o.ID]; ok {
			out[i].Roles = append(out[i].Roles, o.Role)
			continue
		}
		seen[o.ID] = len(out)
		out = append(out, sandbox.Identity{Subject: o.ID, Kind: string(agency.Officer), Name: o.Name, Roles: []string{o.Role}, Agency: o.Agency.NameVI})
	}
	return out, nil
}

// announce says where everything is and whom one can be.
func (d *development) announce(out io.Writer, at sandbox.Addresses, portal string, took time.Duration) {
	fmt.Fprintf(out, `
Hồ sơ is up after %.1f s. Ctrl-C stops it.

  portal     %s
  desk       %s/can-bo
  studio     %s/bien-soan
  API        %s/api/v1/openapi.json
  sandbox    %s          switches, people, payments
  mailbox    %s     what was sent to people
  to try     %s     each service: as whom, with what, and what comes out

Sign in as (the sandbox plays the national e-ID, by one click):
`, took.Seconds(), portal, portal, portal, portal, at.Base, at.Mail, at.Base+guide.Path)
	people, err := demoIdentities()
	if err != nil {
		return
	}
	const some = 20 // the list of all would not fit a screen
	if more := len(people) - some; more > 0 {
		people = people[:some]
		defer fmt.Fprintf(out, "  … and %d more, officers among them: %s/demo.json\n\n", more, at.Base)
	}
	for _, p := range people {
		what := p.Note.VI
		if p.Kind == string(agency.Officer) {
			what = cmp.Or(p.Agency, p.Subject)
			for _, r := range p.Roles {
				what = r + ", " + what
			}
		}
		fmt.Fprintf(out, "  %-14s %-22s %s\n", p.Subject, p.Name, what)
	}
	if err := ui.CheckAssets(); err != nil {
		fmt.Fprintf(out, "\nNote: %v\n", err)
	}
	fmt.Fprintln(out)
}
