package sandbox

import (
	"maps"
	"net/http"

	"github.com/hoso-gov/hoso/procedures"
	"github.com/hoso-gov/hoso/registry/signed"
)

// object is a JSON object.
type object = map[string]any

// openAPI answers with the description of one registry: what it holds and does
// according to the catalogue of elements and its own rules.
func (s *registryServer) openAPI(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, s.describe())
}

func (s *registryServer) describe() object {
	title := s.title()
	schemas := object{"Reply": replySchema, "Purpose": purposeSchema, "Address": addressSchema}
	var kinds []any
	for _, kind := range s.world.Kinds(s.name) {
		kinds = append(kinds, kind)
		schemas[kind] = kindSchema(s.definitions().Elements.Kinds[kind])
	}
	paths := object{
		"/records": object{"post": object{"operationId": "read", "summary": "One record by kind and key", "security": signature,
			"requestBody": body(object{"type": "object", "required": []any{"kind", "key", "purpose"}, "properties": object{
				"kind": object{"type": "string", "enum": kinds}, "key": object{"type": "string"}, "purpose": ref("Purpose"), "today": day}}),
			"responses": object{"200": answer("The record, or that there is none", object{"type": "object", "required": []any{"state"}, "properties": object{
				"state": object{"enum": []any{"fetched", "empty"}}, "version": object{"type": "string"}, "asOf": object{"type": "string", "format": "date-time"},
				"values": object{"anyOf": refs(kinds)}}}),
				"400": refusalAnswer, "401": refusalAnswer, "404": refusalAnswer, "503": object{"description": "Out of service"}}}},
		"/outcomes": object{"post": object{"operationId": "outcome", "summary": "What was answered to a message, by its key", "security": signature,
			"requestBody": body(object{"type": "object", "required": []any{"key", "operation"}, "properties": object{"key": object{"type": "string"}, "operation": object{"type": "string"}}}),
			"responses": object{"200": answer("The answer of then", object{"type": "object", "required": []any{"found"}, "properties": object{
				"found": object{"type": "boolean"}, "reply": ref("Reply")}})}}},
		"/jwks.json": object{"get": object{"operationId": "keys", "summary": "The public keys with which it signs", "responses": object{"200": object{"description": "A JSON Web Key Set"}}}},
		"/book":      object{"get": object{"operationId": "book", "summary": "What it was asked to do, for tests", "responses": object{"200": object{"description": "Entries, the oldest first"}}}},
	}
	for _, op := range s.world.Operations(s.name) {
		fields := object{}
		for _, f := range s.data.Fields(s.name, op) {
			fields[f] = object{}
		}
		paths["/operations/"+op] = object{"post": object{"operationId": op, "summary": "Done once for each idempotency key", "security": signature,
			"parameters": []any{object{"name": signed.IdempotencyKey, "in": "header", "required": true, "schema": object{"type": "string"}}},
			"requestBody": body(object{"type": "object", "required": []any{"body"}, "properties": object{
				"body": object{"type": "object", "properties": fields}, "today": day}}),
			"responses": object{"200": answer("Done, or refused", ref("Reply")), "400": refusalAnswer, "401": refusalAnswer, "404": refusalAnswer,
				"409": object{"description": "The key came with another request before"}, "503": object{"description": "Out of service"}}}}
	}
	return object{"openapi": "3.1.0",
		"info":    object{"title": title.EN, "summary": title.VI, "version": "1", "description": "Played by the sandbox of Hoso. Requests and answers carry a detached JWS in " + signed.Header + "."},
		"servers": []any{object{"url": s.base}}, "paths": paths,
		"components": object{"schemas": schemas, "securitySchemes": object{"signature": object{"type": "apiKey", "in": "header", "name": signed.Header}}}}
}

var (
	signature     = []any{object{"signature": []any{}}}
	day           = object{"type": "string", "format": "date", "description": "The day as of which it is answered; today otherwise"}
	refusalAnswer = answer("The request was wrong", object{"type": "object", "properties": object{"status": object{"type": "integer"}, "detail": object{"type": "string"}}})
	replySchema   = object{"type": "object", "required": []any{"outcome"}, "properties": object{
		"outcome": object{"enum": []any{"done", "refused"}}, "receipt": object{"type": "string"},
		"body": object{"type": "object", "description": "Of a refusal: reason, and text in Vietnamese"}}}
	purposeSchema = object{"type": "object", "required": []any{"reader", "basis"}, "properties": object{
		"reader": object{"type": "string"}, "readerKind": object{"enum": []any{"citizen", "officer", "system"}}, "agency": object{"type": "string"},
		"case": object{"type": "string"}, "text": object{"type": "string"}, "basis": object{"type": "string"}}}
	addressSchema = object{"type": "object", "properties": object{
		"province": object{"type": "string"}, "commune": object{"type": "string"}, "line": object{"type": "string"}}}
)

func ref(name string) object { return object{"$ref": "#/components/schemas/" + name} }

func refs(names []any) []any {
	var out []any
	for _, n := range names {
		out = append(out, ref(n.(string)))
	}
	return out
}

func body(schema object) object {
	return object{"required": true, "content": object{"application/json": object{"schema": schema}}}
}

func answer(words string, schema object) object {
	return object{"description": words, "content": object{"application/json": object{"schema": schema}}}
}

// kindSchema describes the values of a kind; nil: one that the catalogue does not have.
func kindSchema(k *procedures.Kind) object {
	if k == nil {
		return object{"type": "object", "description": "Kept by the registry for itself"}
	}
	values := elementsSchema(k.Elements)
	if k.List {
		values = object{"type": "object", "properties": object{"list": object{"type": "array", "items": values}}}
	}
	values["title"], values["description"] = k.Title.EN, "Key: "+k.Key.EN+"\n"+k.Title.VI+". Khóa: "+k.Key.VI
	return values
}

func elementsSchema(list []*procedures.Element) object {
	properties := object{}
	for _, e := range list {
		var one object
		switch e.Type {
		case "address":
			one = ref("Address")
		case "object":
			one = elementsSchema(e.Elements)
		case "list":
			one = object{"type": "array"}
			if len(e.Elements) > 0 {
				one["items"] = elementsSchema(e.Elements)
			}
		default:
			one = maps.Clone(scalars[e.Type])
		}
		one["description"] = e.Title.EN + "\n" + e.Title.VI
		properties[e.Name] = one
	}
	return object{"type": "object", "properties": properties}
}

var scalars = map[string]object{"string": {"type": "string"}, "date": {"type": "string", "description": "ISO date, or empty"}, "int": {"type": "integer"},
	"number": {"type": "number"}, "bool": {"type": "boolean"}}
