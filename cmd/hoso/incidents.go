package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	osuser "os/user"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/spf13/cobra"

	"github.com/hoso-gov/hoso/agency"
	"github.com/hoso-gov/hoso/calendar"
	"github.com/hoso-gov/hoso/cases"
	"github.com/hoso-gov/hoso/jobs"
	"github.com/hoso-gov/hoso/postgres"
	"github.com/hoso-gov/hoso/registry"
)

// errOpen reports that somebody has to look at something.
var errOpen = errors.New("incidents are open, or a peer is unavailable")

// incidentsFlags are what the commands below incidents share.
type incidentsFlags struct {
	peer, reason string
	json         bool
}

// incidentsCommand is `hoso incidents`: what does not get through to others.
func incidentsCommand() *cobra.Command {
	var f incidentsFlags
	c := &cobra.Command{
		Use:   "incidents [list]",
		Short: "List what does not get through to others, and mend it",
		Long: `Incidents lists the open incidents, the oldest first, and the peers that are unavailable. An incident is an effect of a
case (a message to a registry, a payment, a paper, a notice) that failed six times or has waited for an hour, or that no
further attempt can mend. Attempts go on for 72 hours; nothing has to be done while they do.

retry, write-off and resume change something, so each needs a reason. It becomes part of the case's history, or of the
record of the peer, with the name of the operating system's user who gave it.

Exit code 1: incidents are open, or a peer is unavailable. Of retry, write-off and resume: it could not be done.`,
		Example: `  hoso incidents
  hoso incidents list --peer registry_land --json | jq '.incidents[].case'
  hoso incidents retry 0198c2f4-… --reason "the registry has the parcel now"
  hoso incidents retry --peer registry_land --reason "the registry is repaired"
  hoso incidents resume --peer registry_land --reason "they called: it works again"
  hoso incidents write-off 0198c2f4-… --reason "entered by hand, entry 214"`,
		Args:         cobra.MatchAll(cobra.MaximumNArgs(1), cobra.OnlyValidArgs),
		ValidArgs:    []string{"list"},
		SilenceUsage: true,
		RunE:         func(cmd *cobra.Command, _ []string) error { return listIncidents(cmd, f) },
	}
	c.PersistentFlags().StringVar(&f.peer, "peer", "", "line of a peer as the list names it: registry_land, payments, notices")
	c.PersistentFlags().BoolVar(&f.json, "json", false, "print an object: of list incidents and peers, of the others what was done")
	for _, v := range []struct {
		use, short string
		args       cobra.PositionalArgs
		do         func(context.Context, *cases.Service, agency.Actor, []string) (int, error)
	}{
		{"retry [INCIDENT]", "Have an effect tried again, or with --peer all that lead there", cobra.MaximumNArgs(1),
			func(ctx context.Context, s *cases.Service, a agency.Actor, args []string) (int, error) {
				if (f.peer == "") == (len(args) == 0) {
					return 0, errors.New("name an incident, or a peer with --peer")
				}
				if f.peer != "" {
					return s.RetryPeer(ctx, a, f.peer, f.reason)
				}
				return onIncident(args[0], func(id uuid.UUID) error { return s.RetryIncident(ctx, a, id, f.reason) })
			}},
		{"write-off INCIDENT", "End an effect that will not be done any more", cobra.ExactArgs(1),
			func(ctx context.Context, s *cases.Service, a agency.Actor, args []string) (int, error) {
				return onIncident(args[0], func(id uuid.UUID) error { return s.WriteOffIncident(ctx, a, id, f.reason) })
			}},
		{"resume", "Have an unavailable peer tried at once", cobra.NoArgs,
			func(ctx context.Context, s *cases.Service, a agency.Actor, _ []string) (int, error) {
				if f.peer == "" {
					return 0, errors.New("name the peer with --peer")
				}
				return 1, s.Resume(ctx, a, f.peer, f.reason)
			}},
	} {
		sub := &cobra.Command{Use: v.use, Short: v.short, Args: v.args, SilenceUsage: true,
			RunE: func(cmd *cobra.Command, args []string) error { return mend(cmd, f, args, v.do) }}
		sub.Flags().StringVar(&f.reason, "reason", "", "why; required, it is recorded")
		_ = sub.MarkFlagRequired("reason")
		c.AddCommand(sub)
	}
	return c
}

func onIncident(text string, do func(uuid.UUID) error) (int, error) {
	id, err := uuid.Parse(text)
	if err != nil {
		return 0, fmt.Errorf("%q is not the id of an incident", text)
	}
	return 1, do(id)
}

// service is the service of record over the database, for a command. It reads no
// registry and starts no worker: what it schedules is done by the nodes.
func service(ctx context.Context) (*cases.Service, func(), error) {
	db, done, err := database(ctx, postgres.Options{MaxConns: 4, ApplicationName: "hoso incidents", Role: postgres.AppRole})
	if err != nil {
		return nil, nil, err
	}
	s, err := serviceOn(ctx, db)
	if err != nil {
		done()
		return nil, nil, err
	}
	return s, done, nil
}

func serviceOn(ctx context.Context, db *pgxpool.Pool) (*cases.Service, error) {
	catalogue, err := loadDefinitions(os.Getenv("HOSO_PROCEDURES"))
	if err != nil {
		return nil, err
	}
	agencies, err := agency.New(ctx, agency.Config{DB: db})
	if err != nil {
		return nil, err
	}
	return cases.New(ctx, cases.Config{DB: db, Procedures: catalogue, Agencies: agencies, Calendar: calendar.Vietnam(), Records: registry.Directory{}, Outbox: jobs.Outbox{}})
}

// operator is whoever runs the command.
func operator() agency.Actor {
	name := "uid " + fmt.Sprint(os.Getuid())
	if u, err := osuser.Current(); err == nil {
		name = u.Username
	}
	return agency.Actor{Kind: agency.System, ID: "os:" + name, Name: name}
}

func mend(cmd *cobra.Command, f incidentsFlags, args []string, do func(context.Context, *cases.Service, agency.Actor, []string) (int, error)) error {
	s, done, err := service(cmd.Context())
	if err != nil {
		return err
	}
	defer done()
	n, err := do(cmd.Context(), s, operator(), args)
	if invalid, ok := errors.AsType[*cases.InvalidError](err); ok {
		return errors.New(invalid.Problems[0].EN)
	}
	if err != nil {
		return err
	}
	if f.json {
		return json.NewEncoder(cmd.OutOrStdout()).Encode(map[string]int{"done": n})
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s: %d\n", cmd.Name(), n)
	return err
}
