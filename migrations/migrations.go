// Package migrations holds the SQL that makes Hoso's tables, one numbered file
// a change, in goose's format with Up and Down. Package postgres applies them;
// River's own tables come from River.
package migrations

import "embed"

// FS holds the migrations, in the order of their five-digit numbers.
//
//go:embed *.sql
var FS embed.FS
