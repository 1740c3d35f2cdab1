package exchange

import (
	"fmt"

	"github.com/hoso-gov/hoso/registry"
	"github.com/hoso-gov/hoso/registry/signed"
)

// Connect makes a client for each registry, by name and URL, that signs with
// signer and trusts the keys at URL/jwks.json. today is [Config].Today.
func Connect(urls map[string]string, signer *signed.Signer, today func() string) (map[string]*Client, error) {
	clients := make(map[string]*Client, len(urls))
	for name, url := range urls {
		c, err := New(Config{Name: name, URL: url, Keys: signed.NewRemote(url+"/jwks.json", nil), Signer: signer, Today: today})
		if err != nil {
			return nil, fmt.Errorf("registry %s: %w", name, err)
		}
		clients[name] = c
	}
	return clients, nil
}

// Writers lets messages be sent to all clients.
func Writers(clients map[string]*Client) registry.Writers {
	w := make(registry.Writers, len(clients))
	for name, c := range clients {
		w[name] = c
	}
	return w
}
