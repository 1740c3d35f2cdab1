// Package data holds the demo data of the registries that the sandbox plays. The
// people are those of the demo population of package registry/resident.
package data

import "embed"

// Files are the YAML files, one for each registry.
//
//go:embed *.yaml
var Files embed.FS
