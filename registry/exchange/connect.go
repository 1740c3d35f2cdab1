package exchange

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hoso-gov/hoso/registry"
	"github.com/hoso-gov/hoso/registry/signed"
)

// Connect makes a client for each registry, by name and URL, that signs with
// signer and trusts the keys at URL/jwks.json. today is [Config].Today. A URL may
// begin with the class of the registry, as probe+https://land.example; without it
// the registry is [registry.Keyed].
func Connect(urls map[string]string, signer *signed.Signer, today func() string) (map[string]*Client, error) {
	clients := make(map[string]*Client, len(urls))
	for name, url := range urls {
		var class registry.Class
		if before, after, ok := strings.Cut(url, "+"); ok && slices.Contains(classes, registry.Class(before)) {
			class, url = registry.Class(before), after
		}
		c, err := New(Config{Name: name, URL: url, Class: class, Keys: signed.NewRemote(url+"/jwks.json", nil), Signer: signer, Today: today})
		if err != nil {
			return nil, fmt.Errorf("registry %s: %w", name, err)
		}
		clients[name] = c
	}
	return clients, nil
}

var classes = []registry.Class{registry.Keyed, registry.Natural, registry.Probed, registry.Manual}

// Writers lets messages be sent to all clients.
func Writers(clients map[string]*Client) registry.Writers {
	w := make(registry.Writers, len(clients))
	for name, c := range clients {
		w[name] = c
	}
	return w
}
