package chaos

import (
	"context"
	"errors"
	"io"
	"net"
	"time"
)

// balance takes connections on one address and hands them to a serving node
// that answers, as the load balancer of an installation does.
func (c *chaos) balance(ctx context.Context) (addr string, err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	context.AfterFunc(ctx, func() { l.Close() })
	go func() {
		for {
			in, err := l.Accept()
			if errors.Is(err, net.ErrClosed) {
				return
			}
			if err != nil {
				nap(ctx, 10*time.Millisecond)
				continue
			}
			go c.pass(in)
		}
	}()
	return l.Addr().String(), nil
}

// pass connects one caller with a node; when none answers the caller is cut off.
func (c *chaos) pass(in net.Conn) {
	defer in.Close()
	first := c.rand.n(len(c.nodes))
	for i := range c.nodes {
		n := c.nodes[(first+i)%len(c.nodes)]
		if n.addr == "" {
			continue
		}
		out, err := net.DialTimeout("tcp", n.addr, time.Second)
		if err != nil {
			continue
		}
		defer out.Close()
		done := make(chan struct{}, 2)
		for _, way := range [][2]net.Conn{{in, out}, {out, in}} {
			go func() {
				_, _ = io.Copy(way[0], way[1]) // an end of either side ends both
				done <- struct{}{}
			}()
		}
		<-done
		return
	}
}
