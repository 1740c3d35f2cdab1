package chaos

import (
	"os"
	"path/filepath"
	"sync"

	"github.com/hoso-gov/hoso/doctor"
)

// journal is what the run asked and what was answered.
type journal struct {
	mu       sync.Mutex
	commands []doctor.Command
	reads    []doctor.Read
}

// before writes a command down that is about to be sent, and returns its place.
func (j *journal) before(c doctor.Command) int {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.commands = append(j.commands, c)
	return len(j.commands) - 1
}

// after writes down what was answered.
func (j *journal) after(at int, c doctor.Command) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.commands[at] = c
}

func (j *journal) read(r doctor.Read) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.reads = append(j.reads, r)
}

// close makes the doctor's journal of it, and keeps it in a file.
func (j *journal) close(dir string, d *doctor.Journal) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	d.Commands, d.Reads = j.commands, j.reads
	f, err := os.Create(filepath.Join(dir, "journal.json"))
	if err != nil {
		return err
	}
	defer f.Close()
	return d.Write(f)
}
