package chaos

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"
)

// node is a program that is started again whenever it ends.
type node struct {
	name string // serve-1
	kind string // hoso serve
	args []string
	addr string // host:port of one that serves; empty: it works

	mu    sync.Mutex
	cmd   *exec.Cmd // nil: it is down
	ready time.Time // since when it is at work; zero: it is not yet
}

// plan is how a node is started next time.
type plan struct {
	program string   // path
	old     bool     // an earlier release
	env     []string // besides that of the site
}

// startNodes starts two nodes of each kind and waits until they answer.
func (c *chaos) startNodes(ctx context.Context) error {
	for i := range 2 {
		addr, err := freePort()
		if err != nil {
			return err
		}
		c.nodes = append(c.nodes, &node{name: fmt.Sprintf("serve-%d", i+1), kind: "hoso serve", args: []string{"serve"}, addr: addr},
			&node{name: fmt.Sprintf("work-%d", i+1), kind: "hoso work", args: []string{"work"}})
	}
	addr, err := c.balance(ctx)
	if err != nil {
		return err
	}
	c.site.base = "http://" + addr
	for _, n := range c.nodes {
		c.site.running.Go(func() { c.keep(ctx, n) })
	}
	return c.await(ctx, 60*time.Second)
}

// stopNodes ends all nodes and waits for them.
func (c *chaos) stopNodes() {
	if c.site == nil {
		return
	}
	c.site.over.Store(true)
	for _, n := range c.nodes {
		n.kill()
	}
	c.site.running.Wait()
}

// await waits until every serving node answers.
func (c *chaos) await(ctx context.Context, within time.Duration) error {
	end := time.Now().Add(within)
	for _, n := range c.nodes {
		if n.addr == "" {
			continue
		}
		for !answers(ctx, "http://"+n.addr+"/readyz") {
			if time.Now().After(end) || ctx.Err() != nil {
				return fmt.Errorf("%s does not answer within %s: see logs/%s.log", n.name, within, n.name)
			}
			nap(ctx, 100*time.Millisecond)
		}
	}
	return nil
}

func answers(ctx context.Context, url string) bool {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return false
	}
	r, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	r.Body.Close()
	return r.StatusCode == http.StatusOK
}

// keep runs a node again and again until the run is over.
func (c *chaos) keep(ctx context.Context, n *node) {
	for ctx.Err() == nil && !c.site.over.Load() {
		p := c.site.plan(n)
		began := time.Now()
		c.live(ctx, n, p)
		if time.Since(began) < time.Second { // the database is away, perhaps
			nap(ctx, 200*time.Millisecond)
		}
	}
}

// live runs a node once, and counts how it died.
func (c *chaos) live(ctx context.Context, n *node, p plan) {
	cmd := exec.Command(p.program, n.args...)
	cmd.Dir = c.dir
	cmd.Env = append(append(c.site.environment(), p.env...), "HOSO_ADDR="+n.addr, "HOSO_BASE_URL="+c.site.base)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	runtime.LockOSThread() // the kernel ties the death of the parent to the thread that forked
	defer runtime.UnlockOSThread()
	out, in := io.Pipe()
	cmd.Stdout, cmd.Stderr = in, in
	if err := cmd.Start(); err != nil {
		c.say("%s: %v", n.name, err)
		return
	}
	n.begin(cmd)
	c.site.started(p)
	heard := make(chan string, 1)
	go func() { heard <- c.listen(n, out) }()
	err := cmd.Wait()
	in.Close()
	at := <-heard
	n.end()
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && !c.site.over.Load() && ctx.Err() == nil {
		if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() && status.Signal() == syscall.SIGKILL {
			kind := n.kind + " at a random instant"
			if at != "" {
				kind = n.kind + " at a fail-point"
				c.broke("fail-point " + at)
			}
			c.killed(kind, 1)
		}
	}
}

// listen copies what a node says into its log until it ends, notes when it is at
// work, and returns the fail-point that killed it; empty: none did.
func (c *chaos) listen(n *node, out io.Reader) (at string) {
	log, err := os.OpenFile(filepath.Join(c.dir, "logs", n.name+".log"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		_, _ = io.Copy(io.Discard, out) // it may not stand still because nobody listens
		return ""
	}
	defer log.Close()
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		text := lines.Text()
		fmt.Fprintln(log, text)
		if place, ok := strings.CutPrefix(text, "fail-point "); ok {
			at = strings.TrimSuffix(place, ": kill")
		}
		if text == "working" || strings.HasPrefix(text, "serving ") {
			n.begun()
		}
	}
	return at
}

func (n *node) begin(cmd *exec.Cmd) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.cmd, n.ready = cmd, time.Time{}
}

func (n *node) begun() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.ready = time.Now()
}

func (n *node) end() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.cmd = nil
}

// kill ends the node as a power cut does; false when it is down.
func (n *node) kill() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.cmd != nil && n.cmd.Process.Kill() == nil
}

// age is how long the node has been at work; 0: it is down, or still starting.
func (n *node) age() time.Duration {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.cmd == nil || n.ready.IsZero() {
		return 0
	}
	return time.Since(n.ready)
}
