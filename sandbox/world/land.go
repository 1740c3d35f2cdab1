package world

import "strings"

type landData struct {
	Parcels []*parcel `json:"parcels"`
}

type parcel struct {
	ID            string  `json:"id"`
	Certificate   string  `json:"certificate"`
	Address       address `json:"address"`
	Text          string  `json:"text"`
	FloorArea     float64 `json:"floorArea"` // m²
	Owners        []owner `json:"owners"`
	Barred        bool    `json:"barred"`
	BarredBecause string  `json:"barredBecause,omitempty"`
}

type owner struct {
	Number   string `json:"number"`
	FullName string `json:"fullName"`
	Status   string `json:"status"`
}

func readLandholdings(s *state, key, _ string) any {
	var rows []map[string]any
	for _, p := range s.Parcels {
		for _, o := range p.Owners {
			if o.Number == key {
				rows = append(rows, map[string]any{"id": p.ID, "certificate": p.Certificate, "address": p.Address, "text": p.Text, "floorArea": p.FloorArea, "owners": p.Owners})
			}
		}
	}
	return list(rows)
}

// readDwelling finds a dwelling by "province/commune/line"; case, diacritics and
// a leading "số" of the line do not matter.
func readDwelling(s *state, key, _ string) any {
	part := strings.SplitN(key, "/", 3)
	if len(part) != 3 {
		return nil
	}
	line := func(s string) string { return strings.TrimPrefix(fold(s), "so ") }
	for _, p := range s.Parcels {
		if p.Address.Province == part[0] && p.Address.Commune == part[1] && line(p.Address.Line) == line(part[2]) {
			return map[string]any{"certificate": p.Certificate, "floorArea": p.FloorArea, "address": p.Address, "addressAsPrinted": p.Text,
				"owners": p.Owners, "barred": p.Barred, "barredBecause": p.BarredBecause}
		}
	}
	return nil
}
