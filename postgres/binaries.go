package postgres

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	embedded "github.com/fergusstrange/embedded-postgres"
)

// oldest is the oldest major version of PostgreSQL that Hoso is written for.
const oldest = 15

// findBinaries returns the directory with initdb and postgres: those of the
// version that made the data, or else the newest of the system, or else ones
// downloaded once.
func findBinaries(ctx context.Context, p place, log *slog.Logger) (string, error) {
	want := 0
	if text, err := os.ReadFile(filepath.Join(p.data(), "PG_VERSION")); err == nil {
		want, _ = strconv.Atoi(strings.TrimSpace(string(text)))
	}
	downloads := filepath.Join(filepath.Dir(p.home), "pg-binaries")
	if p.moved != "" {
		downloads = p.file("pg-binaries")
	}
	for {
		best, found := 0, ""
		for _, dir := range append(systemDirs(ctx), filepath.Join(downloads, "bin")) {
			if v := majorVersion(ctx, dir); v >= oldest && v > best && (want == 0 || v == want) {
				best, found = v, dir
			}
		}
		switch {
		case found != "":
			return found, nil
		case want != 0 && want != int(downloadVersion):
			return "", fmt.Errorf("the data in %s were made by PostgreSQL %d: install Debian's postgresql-%d, or remove that directory and begin anew: %w",
				p.data(), want, want, ErrNoBinaries)
		}
		if err := download(downloads, repository, log); err != nil {
			return "", fmt.Errorf("%w (download failed: %w)", ErrNoBinaries, err)
		}
		if majorVersion(ctx, filepath.Join(downloads, "bin")) < oldest {
			return "", fmt.Errorf("%w (the downloaded ones do not run here)", ErrNoBinaries)
		}
	}
}

// systemDirs are the places where PostgreSQL's programs usually are.
func systemDirs(ctx context.Context) []string {
	var dirs []string
	if path, err := exec.LookPath("postgres"); err == nil {
		dirs = append(dirs, filepath.Dir(path))
	}
	if out, err := exec.CommandContext(ctx, "pg_config", "--bindir").Output(); err == nil {
		dirs = append(dirs, strings.TrimSpace(string(out)))
	}
	for _, pattern := range []string{"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin", "/usr/local/opt/postgresql@*/bin"} {
		found, _ := filepath.Glob(pattern)
		dirs = append(dirs, found...)
	}
	return dirs
}

var versionPattern = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

// majorVersion is 0 where initdb or postgres is missing or does not run.
func majorVersion(ctx context.Context, dir string) int {
	if _, err := os.Stat(filepath.Join(dir, "initdb")); err != nil {
		return 0
	}
	out, err := exec.CommandContext(ctx, filepath.Join(dir, "postgres"), "--version").Output()
	if err != nil {
		return 0
	}
	m := versionPattern.FindSubmatch(out)
	if m == nil {
		return 0
	}
	v, _ := strconv.Atoi(string(m[1]))
	return v
}

// downloadVersion is the major version of what download fetches.
const downloadVersion = 17

// repository is where downloads come from; the library checks their digests.
const repository = "https://repo1.maven.org/maven2"

// download fetches PostgreSQL's programs into dir. The library always goes on
// to start a server of its own; we let it, stop that one, and keep the programs.
// As root it cannot start, which does not matter once the programs are there.
func download(dir, from string, log *slog.Logger) error {
	log.Info("downloading PostgreSQL once", "version", embedded.V17, "to", dir)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	scratch, err := os.MkdirTemp(dir, "download-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	port, err := listenable(0)
	if err != nil {
		return err
	}
	fetched := filepath.Join(scratch, "fetched")
	db := embedded.NewDatabase(embedded.DefaultConfig().Version(embedded.V17).Port(uint32(port)).Logger(io.Discard).BinaryRepositoryURL(from).
		BinariesPath(fetched).CachePath(filepath.Join(scratch, "cache")).RuntimePath(filepath.Join(scratch, "run")))
	err = db.Start()
	if err == nil {
		err = db.Stop()
	}
	if _, missing := os.Stat(filepath.Join(fetched, "bin", "postgres")); missing != nil {
		if err == nil {
			err = missing
		}
		return err
	}
	for _, part := range []string{"bin", "lib", "share"} {
		if err := os.RemoveAll(filepath.Join(dir, part)); err != nil {
			return err
		}
		if err := os.Rename(filepath.Join(fetched, part), filepath.Join(dir, part)); err != nil {
			return err
		}
	}
	return nil
}
