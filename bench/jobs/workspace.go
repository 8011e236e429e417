package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"flexie-mcp/internal/config"
	"flexie-mcp/internal/sandbox"
	"flexie-mcp/internal/server"
	"flexie-mcp/tools"
)

// workspace is a sandbox in a file of its own, and a server of it with the settings
// of a job.
type workspace struct {
	dir, file string
	open      *server.Workspace
	options   server.Options
}

func openWorkspace(j *Job) (*workspace, error) {
	dir, err := os.MkdirTemp("", "flexie-mcp-job-")
	if err != nil {
		return nil, err
	}
	w := &workspace{dir: dir, file: filepath.Join(dir, "sandbox.db")}
	if err := w.prepare(j.Before); err != nil {
		return nil, errors.Join(err, w.close())
	}
	if err := w.serve(j); err != nil {
		return nil, errors.Join(err, w.close())
	}
	return w, nil
}

func (w *workspace) close() error {
	var err error
	if w.open != nil {
		err = w.open.Close()
	}
	return errors.Join(err, os.RemoveAll(w.dir))
}

// prepare makes the sandbox, and makes of its seed what the job is about.
func (w *workspace) prepare(requests []Request) error {
	box, err := sandbox.Open(sandbox.Options{File: w.file})
	if err != nil {
		return err
	}
	defer box.Close()
	for _, r := range requests {
		if err := ask(box, r); err != nil {
			return err
		}
	}
	return nil
}

// ask makes a request of the sandbox's API, past our client.
func ask(box *sandbox.Sandbox, r Request) error {
	request, err := http.NewRequest(r.Method, "https://sandbox.invalid/api"+r.Path, strings.NewReader(r.Body))
	if err != nil {
		return err
	}
	request.Header.Set("apikey", sandbox.Key)
	request.Header.Set("Content-Type", "application/json")
	answer, err := box.Transport().RoundTrip(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode >= 300 {
		said, _ := io.ReadAll(answer.Body)
		return fmt.Errorf("%s %s: %s: %s", r.Method, r.Path, answer.Status, said)
	}
	return nil
}

// serve opens what the server is made of, as the command does for these settings.
func (w *workspace) serve(j *Job) error {
	choice := tools.Choice{Toolsets: j.Toolsets, Access: tools.Level(j.Access)}
	picked, err := tools.Choose(tools.All(), choice)
	if err != nil {
		return err
	}
	log := slog.New(slog.DiscardHandler)
	s := config.Settings{
		Sandbox: true, SandboxFile: w.file, StateDir: filepath.Join(w.dir, "state"), Timeout: 30 * time.Second,
		Toolsets: j.Toolsets, Access: j.Access, Confirm: j.Confirm, LearnFields: true,
	}
	if w.open, err = server.Open(s, "jobs", log); err != nil {
		return err
	}
	w.options = server.Options{
		Tools: picked, About: w.open.About, Client: w.open.Client, Safety: w.open.Safety,
		Results: w.open.Results, Knowledge: w.open.Knowledge(), Log: log,
	}
	w.options.Safety.Allows, w.options.Safety.Confirm = choice.Allows, tools.Confirmation(j.Confirm)
	return nil
}
