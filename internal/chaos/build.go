package chaos

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// programs are the binaries of a run.
type programs struct {
	hoso, sandbox string
	stamp         string // the commit, or "this tree"
	old           string // of an earlier release; empty: none could be built
	oldStamp      string
}

// olderBy is how many commits back an earlier release is looked for.
const olderBy = 40

// build builds the programs of the source, and an earlier release that works
// with the same schema, as during a change from one to the other.
func build(ctx context.Context, cfg Config, dir string, say func(string, ...any)) (programs, error) {
	source, bin := cfg.Source, filepath.Join(dir, "bin")
	if cfg.Bin != "" {
		return built(cfg.Bin), nil
	}
	p := programs{hoso: filepath.Join(bin, "hoso"), sandbox: filepath.Join(bin, "sandbox"), stamp: "this tree"}
	if out, err := run(ctx, source, "go", "build", "-o", bin+"/", "./cmd/hoso", "./cmd/sandbox"); err != nil {
		return p, fmt.Errorf("build: %w: %s", err, out)
	}
	head, err := run(ctx, source, "git", "rev-parse", "--short=12", "HEAD")
	if err != nil {
		say("this is no git repository: no earlier release takes part")
		return p, nil
	}
	p.stamp = strings.TrimSpace(head)
	if p.old, p.oldStamp = buildOlder(ctx, source, dir); p.old == "" {
		say("no earlier commit with another engine could be built: no earlier release takes part")
	} else {
		say("the earlier release %s takes part", p.oldStamp)
	}
	return p, nil
}

// built finds programs that were built before; an earlier release among them is
// called hoso-COMMIT.
func built(dir string) programs {
	p := programs{hoso: filepath.Join(dir, "hoso"), sandbox: filepath.Join(dir, "sandbox"), stamp: "as built"}
	if older, err := filepath.Glob(filepath.Join(dir, "hoso-*")); err == nil && len(older) > 0 {
		p.old, p.oldStamp = older[0], strings.TrimPrefix(filepath.Base(older[0]), "hoso-")
	}
	return p
}

// buildOlder builds the nearest earlier commit whose engine is another one. It
// gets the schema of now, as nodes have it that still run while an installation
// is brought to the next release: the database is migrated before they are.
func buildOlder(ctx context.Context, source, dir string) (program, stamp string) {
	list, err := run(ctx, source, "git", "rev-list", "--abbrev-commit", "--abbrev=12", fmt.Sprintf("--max-count=%d", olderBy), "HEAD~1", "--", "cases", "jobs", "web", "workflow")
	if err != nil {
		return "", ""
	}
	tree, tried := filepath.Join(dir, "older"), 0
	defer os.RemoveAll(tree)
	for commit := range strings.FieldsSeq(list) {
		if _, err := run(ctx, source, "git", "diff", "--quiet", commit, "--", "cases", "jobs", "web", "workflow"); err == nil {
			continue // the engine is the same
		}
		if tried++; tried > 4 {
			break
		}
		if err := checkout(ctx, source, tree, commit); err != nil {
			continue
		}
		program = filepath.Join(dir, "bin", "hoso-"+commit)
		if _, err := run(ctx, tree, "go", "build", "-o", program, "./cmd/hoso"); err == nil {
			return program, commit
		} // it was never meant to be built
	}
	return "", ""
}

// checkout writes a commit's files into a folder, with the built assets and the
// schema of now.
func checkout(ctx context.Context, source, tree, commit string) error {
	if err := os.RemoveAll(tree); err != nil {
		return err
	}
	if err := os.MkdirAll(tree, 0o755); err != nil {
		return err
	}
	archive := exec.CommandContext(ctx, "git", "archive", "--format=tar", commit)
	archive.Dir = source
	unpack := exec.CommandContext(ctx, "tar", "-x", "-C", tree)
	var err error
	if unpack.Stdin, err = archive.StdoutPipe(); err != nil {
		return err
	}
	if err := unpack.Start(); err != nil {
		return err
	}
	if err := archive.Run(); err != nil {
		return err
	}
	if err := unpack.Wait(); err != nil {
		return err
	}
	for _, folder := range []string{"web/ui/assets/dist", "migrations"} {
		if err := os.RemoveAll(filepath.Join(tree, folder)); err != nil {
			return err
		}
		if err := os.CopyFS(filepath.Join(tree, folder), os.DirFS(filepath.Join(source, folder))); err != nil {
			return err
		}
	}
	return nil
}

func run(ctx context.Context, dir, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	return string(out), err
}
