package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"flexie-mcp/internal/config"
	"flexie-mcp/internal/server"
)

// step is one call of the demo, and why a person would want it.
type step struct {
	why       string
	tool      string
	arguments string
}

// workday is a short working day in the sandbox, whose seed never changes.
var workday = []step{
	{"Who am I here?", "get_current_user", `{}`},
	{"Pieter of Acme Logistics is on the phone. Who do we know there?", "search_contacts", `{"search":"acme","columns":["id","first_name","last_name","position","phone"]}`},
	{"He asks about his support case. Which is it?", "search_cases", `{"search":"acme"}`},
	{"What has been said so far?", "get_case_replies", `{"id":1}`},
	{"Is somebody on it?", "search_tasks", `{"filters":[{"field":"association_type","op":"is","value":"case"},{"field":"association_id","op":"is","value":1}]}`},
	{"Jonas has found the batch. Tell Pieter.", "add_case_reply", `{"id":1,"text":"Thank you, Pieter. All eleven sensors are of batch 2023-B; replacements leave our warehouse tomorrow."}`},
	{"That task is done.", "complete_task", `{"id":19}`},
	{"His colleague Jim agrees to the warehouse offer. Which of their deals is that?", "search_deals", `{"search":"acme","order_by":"amount","order":"desc"}`},
	{"Move it from proposal (stage 2) to negotiation (stage 3).", "update_deal", `{"id":2,"fields":{"stage_id":3}}`},
	{"And leave a note for the others.", "add_note", `{"entity_type":"deal","entity_id":2,"type":"call","text":"Jim agrees to the offer; contract to be sent this week.","datetime":"2026-06-22T09:30:00+00:00"}`},
}

func (a *app) demoCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "demo",
		Short: "Walk through a working day in the sandbox, by a real MCP client",
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return failed(a.demo(cmd.Context()))
		},
	}
}

// demo is not asked for settings: it must be the same each time.
func (a *app) demo(ctx context.Context) error {
	settings := config.Settings{Sandbox: true, Toolsets: []string{"core"}}
	options, workspace, err := a.open(settings)
	if err != nil {
		return err
	}
	defer workspace.Close()
	s, err := connect(ctx, server.New(options))
	if err != nil {
		return err
	}
	defer s.Close()
	fmt.Fprintf(a.Out, "A working day in the sandbox, a made-up workspace. %d tools are connected.\n", len(options.Tools))
	for i, step := range workday {
		fmt.Fprintf(a.Out, "\n%d. %s\n   > %s %s\n\n", i+1, step.why, step.tool, step.arguments)
		answer, err := s.call(ctx, step.tool, json.RawMessage(step.arguments))
		if err != nil {
			return err
		}
		fmt.Fprintln(a.Out, "   "+strings.ReplaceAll(textOf(answer), "\n", "\n   "))
		if answer.IsError {
			return fmt.Errorf("step %d of the demo failed", i+1)
		}
	}
	fmt.Fprintln(a.Out, "\nThat was the sandbox. README.md says how to connect your own workspace.")
	return nil
}
