package cli

import (
	"context"
	"encoding/json"
	"errors"
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
	{"Jim calls: his board wants to see the offer first. Take the move back.", "undo_change", `{"change_id":3}`},
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
		fmt.Fprintf(a.Out, "\n%d. %s\n", i+1, step.why)
		if err := a.take(ctx, s, step); err != nil {
			return fmt.Errorf("step %d of the demo failed: %w", i+1, err)
		}
	}
	fmt.Fprintln(a.Out, "\nThat was the sandbox. README.md says how to connect your own workspace.")
	return nil
}

// take makes the call of a step, and where that is only a preview, once more with
// its code, as an assistant does when its user agrees. Codes differ each time,
// and so are not shown.
func (a *app) take(ctx context.Context, s session, step step) error {
	text, err := a.showCall(ctx, s, step.tool, step.arguments, "")
	if err != nil || !confirmLine.MatchString(text) {
		return err
	}
	_, code, _ := strings.Cut(confirmLine.FindString(text), ": ")
	code, _, _ = strings.Cut(code, "\n")
	fmt.Fprintln(a.Out, "\n   The user reads that, and agrees.")
	_, err = a.showCall(ctx, s, step.tool, strings.TrimSuffix(step.arguments, "}")+`,"confirm":"`+code+`"}`, code)
	return err
}

// showCall makes a call and shows it and its answer.
func (a *app) showCall(ctx context.Context, s session, tool, arguments, code string) (string, error) {
	shown := arguments
	if code != "" {
		shown = strings.ReplaceAll(arguments, code, "CODE")
	}
	fmt.Fprintf(a.Out, "   > %s %s\n\n", tool, shown)
	answer, err := s.call(ctx, tool, json.RawMessage(arguments))
	if err != nil {
		return "", err
	}
	text := textOf(answer)
	fmt.Fprintln(a.Out, "   "+strings.ReplaceAll(confirmLine.ReplaceAllString(text, "\nconfirm: CODE$1"), "\n", "\n   "))
	if answer.IsError {
		return "", errors.New("it ended with an error")
	}
	return text, nil
}
