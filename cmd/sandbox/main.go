// Command sandbox runs the world outside of Hoso on the loopback: identity
// provider, registries, payment platform, time-stamping authority and mailbox. `hoso dev` starts the same
// within itself; this command serves several nodes, or tests from outside.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/go-jose/go-jose/v4"

	"github.com/hoso-gov/hoso/sandbox"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	var cfg sandbox.Config
	flags := flag.NewFlagSet("sandbox", flag.ContinueOnError)
	flags.StringVar(&cfg.HTTP, "http", "127.0.0.1:9090", "address of the pages, the identity provider, the registries and the payment platform")
	flags.StringVar(&cfg.SMTP, "smtp", "127.0.0.1:9025", "address of the mail server")
	flags.StringVar(&cfg.Dir, "dir", "", "folder that keeps state and keys over restarts")
	flags.IntVar(&cfg.Mail, "mail", 0, "how many messages the mailbox holds; 0: 2000")
	identities := flags.String("identities", "", "JSON file with the people who can sign in, as /demo.json answers")
	clients := flags.String("clients", "", "JSON Web Key Set with the public keys of Hoso, besides hoso-client.jwk in -dir")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if err := readJSON(*identities, &cfg.Identities); err != nil {
		return err
	}
	var keys jose.JSONWebKeySet
	if err := readJSON(*clients, &keys); err != nil {
		return err
	}
	cfg.Clients = keys
	s, err := sandbox.Start(ctx, cfg)
	if err != nil {
		return err
	}
	at := s.Addresses()
	fmt.Printf("board    %s\nissuer   %s\npay      %s\ntsa      %s\nsmtp     %s\nsms      %s\nmailbox  %s\n", at.Base, at.Issuer, at.Pay, at.TSA, at.SMTP, at.SMS, at.Mail)
	<-ctx.Done()
	s.Close()
	return nil
}

// readJSON reads a file; no file, no change.
func readJSON(file string, into any) error {
	if file == "" {
		return nil
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}
