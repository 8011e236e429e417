package cli

import (
	"os/exec"

	"flexie-mcp/internal/clients"
	"flexie-mcp/internal/doctor"
)

// clientFindings are what is to be said of the files of the MCP clients that are on
// this machine.
func (a *app) clientFindings() (all []doctor.Finding) {
	for _, f := range a.where().List("flexie") {
		if f.Here || f.Has {
			all = append(all, clientFinding(f))
		}
	}
	return all
}

func clientFinding(f clients.Found) doctor.Finding {
	finding := doctor.Finding{Name: f.Client.Title, Result: doctor.OK, Detail: f.Path}
	install := "run flexie-mcp install " + f.Client.ID
	switch {
	case f.Err != nil:
		finding.Result, finding.Detail = doctor.Warning, f.Err.Error()
		finding.Found, finding.Next = "its file can't be read", install+", which says where it is wrong"
	case !f.Has:
		finding.Result = doctor.Skipped
		finding.Found, finding.Next = "it is here, and has no server named flexie", install+", if it should have"
	case f.Starts != "" && !starts(f.Starts):
		finding.Result, finding.Detail = doctor.Wrong, f.Path+": "+f.Starts
		finding.Found, finding.Next = "its file starts a program that is not there", install+" again, from where the program is now"
	default:
		finding.Found = "it has this server"
	}
	return finding
}

// starts reports whether there is such a program, by its path or by its name.
func starts(program string) bool {
	_, err := exec.LookPath(program)
	return err == nil
}
