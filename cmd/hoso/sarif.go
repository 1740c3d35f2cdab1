package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/workflow"
)

// The part of SARIF 2.1.0 that code hosts read: a run with its rules, and one
// result a finding. The libraries for it carry a schema validator of their own
// along, for this.
//
// Source: OASIS, Static Analysis Results Interchange Format Version 2.1.0.
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool struct {
			Driver sarifDriver `json:"driver"`
		} `json:"tool"`
		ColumnKind string        `json:"columnKind"`
		Results    []sarifResult `json:"results"`
	}
	sarifDriver struct {
		Name  string      `json:"name"`
		Rules []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID               string      `json:"id"`
		ShortDescription sarifText   `json:"shortDescription"`
		FullDescription  sarifText   `json:"fullDescription"`
		Help             sarifText   `json:"help"`
		Configuration    sarifConfig `json:"defaultConfiguration"`
	}
	sarifConfig struct {
		Level string `json:"level"`
	}
	sarifResult struct {
		RuleID    string          `json:"ruleId"`
		RuleIndex int             `json:"ruleIndex"`
		Level     string          `json:"level"`
		Message   sarifText       `json:"message"`
		Locations []sarifLocation `json:"locations"`
		CodeFlows []sarifFlow     `json:"codeFlows,omitempty"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifLocation struct {
		Physical sarifPhysical `json:"physicalLocation"`
		Message  *sarifText    `json:"message,omitempty"`
	}
	sarifPhysical struct {
		Artifact struct {
			URI string `json:"uri"`
		} `json:"artifactLocation"`
		Region sarifRegion `json:"region"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn"`
	}
	sarifFlow struct {
		ThreadFlows []sarifThread `json:"threadFlows"`
	}
	sarifThread struct {
		Locations []sarifStep `json:"locations"`
	}
	sarifStep struct {
		Location sarifLocation `json:"location"`
	}
)

// writeSARIF writes the findings of reports for code hosts.
func writeSARIF(out io.Writer, reports []*report) error {
	run := sarifRun{ColumnKind: "unicodeCodePoints", Results: []sarifResult{}}
	run.Tool.Driver.Name = "hoso check"
	index := map[string]int{}
	for i, o := range procedures.Obligations() {
		index[o.Code] = i
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule{ID: o.Code, ShortDescription: sarifText{o.Rule.EN}, FullDescription: sarifText{o.Rule.VI},
			Help: sarifText{o.Remedy.EN}, Configuration: sarifConfig{sarifLevel(o.Hint)}})
	}
	for _, r := range reports {
		for _, f := range r.Findings {
			i, known := index[f.Code]
			if !known {
				return fmt.Errorf("%s is no obligation: %s", f.Code, f.Finding)
			}
			run.Results = append(run.Results, sarifOf(f.Finding, i))
		}
	}
	enc := json.NewEncoder(out)
	enc.SetIndent("", "  ")
	return enc.Encode(sarifLog{Schema: "https://json.schemastore.org/sarif-2.1.0.json", Version: "2.1.0", Runs: []sarifRun{run}})
}

func sarifLevel(warning bool) string {
	if warning {
		return "warning"
	}
	return "error"
}

func sarifOf(f workflow.Finding, rule int) sarifResult {
	var at sarifLocation
	at.Physical.Artifact.URI = (&url.URL{Path: filepath.ToSlash(f.File)}).EscapedPath()
	at.Physical.Region = sarifRegion{max(f.Line, 1), max(f.Column, 1)} // 0: the whole file
	out := sarifResult{RuleID: f.Code, RuleIndex: rule, Level: sarifLevel(f.Warning), Message: sarifText{f.Message + "; " + f.Remedy}, Locations: []sarifLocation{at}}
	if len(f.Trace) == 0 {
		return out
	}
	var way []sarifStep
	for _, t := range f.Trace {
		step := at
		step.Message = &sarifText{t}
		way = append(way, sarifStep{step})
	}
	out.Message.Text += " (" + strings.Join(f.Trace, "; ") + ")"
	out.CodeFlows = []sarifFlow{{[]sarifThread{{way}}}}
	return out
}
