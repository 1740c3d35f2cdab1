// Package pay plays the payment platform of the state: it takes signed orders,
// shows people a page to pay on, books each order once, and reports by a signed
// callback that it repeats until it is heard. No bank stands behind it.
package pay

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/hoso-gov/hoso/registry/signed"
	"github.com/hoso-gov/hoso/sandbox/drill"
)

// The states of an order.
const (
	Pending  = "pending"
	Paid     = "paid"
	Failed   = "failed"
	Refunded = "refunded"
	Unknown  = "unknown" // the platform never heard of it
)

// An Order is what somebody is asked to pay.
type Order struct {
	ID          string    `json:"id"` // given by the client; the same id is the same order
	Amount      int64     `json:"amount"`
	Account     string    `json:"account"`
	Purpose     string    `json:"purpose"`
	ReturnURL   string    `json:"return_url"`
	CallbackURL string    `json:"callback_url"`
	Token       string    `json:"token"` // of the pay page
	Status      string    `json:"status"`
	Receipt     string    `json:"receipt,omitempty"`
	Reason      string    `json:"reason,omitempty"` // why it failed
	Refund      string    `json:"refund,omitempty"` // number of the refund
	MadeAt      time.Time `json:"madeAt"`
	ChangedAt   time.Time `json:"changedAt"`
}

// A callback waits until the client hears it.
type callback struct {
	Event string    `json:"event"` // stable over attempts
	Order string    `json:"order"`
	Tries int       `json:"tries"`
	Next  time.Time `json:"next"`
}

type state struct {
	Orders    map[string]*Order `json:"orders"`
	Callbacks []*callback       `json:"callbacks"`
	Receipts  int               `json:"receipts"`
}

// Store keeps orders over restarts.
type Store interface {
	Load(into any) (found bool, err error)
	Save(value any) error
}

// Config says how the platform works. All fields but Now and Client are required.
type Config struct {
	Base   string // http://127.0.0.1:9090/pay
	Signer *signed.Signer
	Verify *signed.Verifier // of the orders
	Board  *drill.Board
	Part   string
	Store  Store
	Client *http.Client     // for callbacks; default: 5 s time limit
	Now    func() time.Time // default time.Now
}

// A Gateway is the payment platform.
type Gateway struct {
	cfg  Config
	wake chan struct{}

	mu sync.Mutex
	s  state
}

// New makes a platform that goes on where its store left off.
func New(cfg Config) (*Gateway, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Client == nil {
		cfg.Client = &http.Client{Timeout: 5 * time.Second}
	}
	g := &Gateway{cfg: cfg, wake: make(chan struct{}, 1)}
	if _, err := cfg.Store.Load(&g.s); err != nil {
		return nil, err
	}
	if g.s.Orders == nil {
		g.s.Orders = map[string]*Order{}
	}
	return g, nil
}

var (
	errConflict = errors.New("this order id came with other data before")
	errInvalid  = errors.New("the order is not complete")
	errNoOrder  = errors.New("no such order")
	errState    = errors.New("the order is in another state")
)

// order enters an order, or finds it.
func (g *Gateway) order(in Order) (Order, error) {
	if in.ID == "" || in.Amount <= 0 || in.Account == "" || in.Purpose == "" || !isHTTP(in.ReturnURL) || !isHTTP(in.CallbackURL) {
		return Order{}, errInvalid
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if o, ok := g.s.Orders[in.ID]; ok {
		if o.Reason != "cancelled" && (o.Amount != in.Amount || o.Account != in.Account || o.Purpose != in.Purpose) {
			return Order{}, errConflict
		}
		return *o, nil
	}
	now := g.cfg.Now().UTC()
	in.Token, in.Status, in.Receipt, in.Reason, in.Refund = uuid.NewString(), Pending, "", "", ""
	in.MadeAt, in.ChangedAt = now, now
	g.s.Orders[in.ID] = &in
	return in, g.cfg.Store.Save(g.s)
}

func isHTTP(u string) bool {
	return strings.HasPrefix(u, "http://") || strings.HasPrefix(u, "https://")
}

// Status finds an order; one that nobody made is Unknown.
func (g *Gateway) status(id string) Order {
	g.mu.Lock()
	defer g.mu.Unlock()
	if o, ok := g.s.Orders[id]; ok {
		return *o
	}
	return Order{ID: id, Status: Unknown}
}

func (g *Gateway) byToken(token string) (Order, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, o := range g.s.Orders {
		if o.Token == token {
			return *o, true
		}
	}
	return Order{}, false
}

// settle ends a pending order as paid or failed, once, and schedules the report.
func (g *Gateway) settle(id, status string) (Order, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	o, ok := g.s.Orders[id]
	if !ok {
		return Order{}, errNoOrder
	}
	if o.Status != Pending {
		return *o, nil
	}
	now := g.cfg.Now().UTC()
	o.Status, o.ChangedAt = status, now
	if status == Paid {
		g.s.Receipts++
		o.Receipt = fmt.Sprintf("TT-%s-%06d", now.Format("20060102"), g.s.Receipts)
	} else {
		o.Reason = "declined-by-payer"
	}
	g.report(o)
	return *o, g.cfg.Store.Save(g.s)
}

// cancel ends a pending order, so that nobody can pay it. An order that has
// ended stays as it is, and one that nobody made is Unknown for ever: a later
// order under its id finds it cancelled.
func (g *Gateway) cancel(id string) (Order, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	o, ok := g.s.Orders[id]
	now := g.cfg.Now().UTC()
	switch {
	case id == "":
		return Order{}, errInvalid
	case !ok:
		o = &Order{ID: id, Token: uuid.NewString(), MadeAt: now}
		g.s.Orders[id] = o
	case o.Status != Pending:
		return *o, nil
	}
	o.Status, o.ChangedAt, o.Reason = Failed, now, "cancelled"
	return *o, g.cfg.Store.Save(g.s)
}

// refund pays an order back, once.
func (g *Gateway) refund(id string) (Order, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	o, ok := g.s.Orders[id]
	switch {
	case !ok:
		return Order{}, errNoOrder
	case o.Status == Refunded:
		return *o, nil
	case o.Status != Paid:
		return Order{}, errState
	}
	o.Status, o.ChangedAt, o.Refund = Refunded, g.cfg.Now().UTC(), "HT-"+o.Receipt
	return *o, g.cfg.Store.Save(g.s)
}

// report schedules a callback; the lock is held.
func (g *Gateway) report(o *Order) {
	g.s.Callbacks = append(g.s.Callbacks, &callback{Event: uuid.NewString(), Order: o.ID, Next: g.cfg.Now()})
	select {
	case g.wake <- struct{}{}:
	default:
	}
}

// Orders lists all orders, newest first.
func (g *Gateway) Orders() []Order {
	g.mu.Lock()
	defer g.mu.Unlock()
	out := make([]Order, 0, len(g.s.Orders))
	for _, o := range g.s.Orders {
		out = append(out, *o)
	}
	slices.SortFunc(out, func(a, b Order) int { return b.MadeAt.Compare(a.MadeAt) })
	return out
}

// Reset forgets all orders.
func (g *Gateway) Reset() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.s = state{Orders: map[string]*Order{}}
	return g.cfg.Store.Save(g.s)
}
