package tools

import (
	"strings"

	"flexie-mcp/flexie"
	"flexie-mcp/schema"
)

// This file makes tools say what this workspace has: its fields in those that
// write, search and describe, and its custom tables wherever one is named. An
// assistant that reads it there need not ask first.

// What a tool may say of the workspace, in tokens; together well below the 120
// that are promised, since they are estimated.
const (
	fieldsTokens   = 85
	describeTokens = 55
	tablesTokens   = 25
)

// mostTables is how many custom tables a tool names the fields of.
const mostTables = 2

// Tailor is the tool as it is where so much is known: it does the same, and its
// description and schema say more.
func Tailor(t Tool, known *flexie.Known) Tool {
	if hasTable(t) {
		t = t.sayingTables(known.Tables())
	}
	kind, argument := t.aboutFields()
	if kind.Name == "" {
		return t
	}
	switch hint := fieldsHint(kind, known, argument); {
	case hint == "":
	case argument == nil:
		t.Description += " " + hint
	default:
		said := schema.DescriptionOf(t.Schema, argument...)
		t.Schema = schema.Described(t.Schema, strings.TrimSpace(said+" "+hint), argument...)
	}
	return t
}

// aboutFields is the kind whose fields the tool should name, if any, and the
// argument to name them at; none is the tool itself.
func (t Tool) aboutFields() (kind flexie.Kind, argument []string) {
	for _, kind := range flexie.Kinds {
		switch t.Name {
		case "create_" + kind.Name, "update_" + kind.Name:
			return kind, []string{"fields"}
		case "search_" + kind.Plural:
			return kind, []string{"filters", "field"}
		case "describe_" + kind.Name + "_fields":
			return kind, nil
		}
	}
	return flexie.Kind{}, nil
}

// sayingTables offers the tables that are known. It is no enum: Flexie does not
// list them, so that there may be others.
func (t Tool) sayingTables(tables []string) Tool {
	if names := sayable(tables, tablesTokens); names != "" {
		t.Schema = schema.Described(t.Schema, "The custom table: "+names+".", "table")
	}
	return t
}

// fieldsHint names the fields of a kind, the key ones first; of custom records,
// those of the first tables. It is empty if none are known.
func fieldsHint(kind flexie.Kind, known *flexie.Known, argument []string) string {
	budget := fieldsTokens
	if argument == nil {
		budget = describeTokens
	}
	if !kind.Custom() {
		names := fieldNames(known.Fields(kind, ""), kind, budget)
		if names == "" {
			return ""
		}
		return "Here (* required): " + names
	}
	var hints []string
	for _, table := range known.Tables() {
		share := budget/mostTables - tokensOf(table)
		if names := fieldNames(known.Fields(kind, table), kind, share); names != "" && isSayable(table) {
			hints = append(hints, "in "+table+": "+names)
		}
	}
	if len(hints) == 0 {
		return ""
	}
	return "Here (* required), " + strings.Join(hints[:min(mostTables, len(hints))], "; ")
}
