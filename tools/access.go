package tools

import (
	"fmt"
	"slices"
	"strings"

	"flexie-mcp/flexie"
)

// This file says who may do what: as far as the settings of this server let
// anyone, and as far as Flexie lets the user.

// Level is how much tools may do. Each includes those before it.
type Level string

// The levels, by the names that the setting has for them.
const (
	AccessRead   Level = "read"
	AccessWrite  Level = "write"  // creates, changes, replies and sends; nothing is deleted
	AccessDelete Level = "delete" // deletes as well
	AccessAdmin  Level = "admin"  // users, roles and workflows as well
)

// Levels are all of them, the lowest first.
var Levels = []Level{AccessRead, AccessWrite, AccessDelete, AccessAdmin}

// includes reports whether a level reaches as far as another. One that there is
// not includes none.
func (l Level) includes(other Level) bool {
	return slices.Index(Levels, other) <= slices.Index(Levels, l)
}

// administered are the groups that change the workspace for everyone in it.
var administered = []string{"users", "roles", "workflows"}

// Level is the lowest level at which the tool may be used. Those that run others
// write by themselves nothing: what they run is judged by its own.
func (t Tool) Level() Level {
	switch {
	case t.Act.ReadOnly:
		return AccessRead
	case slices.Contains(administered, t.Toolset):
		return AccessAdmin
	case t.Act == Delete:
		return AccessDelete
	}
	return AccessWrite
}

// NotAllowed is the error of a tool that may not be used here, as the assistant
// is to read it: by the settings, or by the user's role in Flexie.
type NotAllowed string

func (n NotAllowed) Error() string { return string(n) }

// Allows is nil for a tool that the settings let be used, by itself or through
// another; else it is a NotAllowed.
func (c Choice) Allows(t Tool) error {
	switch {
	case slices.Contains(Renamed.resolveAll(c.Exclude), t.Name):
		return notAllowed(t, "this server's settings leave it out (FLEXIE_EXCLUDE_TOOLS)")
	case c.access().includes(t.Level()):
		return nil
	case !c.ReadOnly:
		return notAllowed(t, fmt.Sprintf("this server's access is %s (FLEXIE_ACCESS); the operator can set it to %s", c.access(), t.Level()))
	}
	why := "this server only reads (FLEXIE_READ_ONLY); the operator can unset that"
	c.ReadOnly = false
	if !c.access().includes(t.Level()) {
		why += fmt.Sprintf(", and set FLEXIE_ACCESS to %s", t.Level())
	}
	return notAllowed(t, why)
}

func notAllowed(t Tool, why string) NotAllowed {
	return NotAllowed(t.Name + " is not allowed here: " + why)
}

// access is the level of the choice: the lower one, where ReadOnly and Access
// differ.
func (c Choice) access() Level {
	switch {
	case c.ReadOnly:
		return AccessRead
	case c.Access == "":
		return AccessAdmin
	}
	return c.Access
}

// right is what a role grants on the things of a group.
type right string

const (
	toView   right = "view"
	toCreate right = "create"
	toEdit   right = "edit"
	toDelete right = "delete"
)

// permissionNames are the permissions by group and right; any one of a right's
// gives it. Flexie's page names but two, lead:leads:viewown and
// lead:leads:editown. The rest go on in their scheme, which is Mautic's, as are
// the names of the groups that Mautic has. Custom records have none: what their
// areas are called depends on the table. Assumption: permission-names.
var permissionNames = map[string]map[right][]string{
	"contacts":  ownOrOthers("contact:contacts"),
	"leads":     ownOrOthers("lead:leads"),
	"accounts":  ownOrOthers("account:accounts"),
	"deals":     ownOrOthers("deal:deals"),
	"cases":     ownOrOthers("case:cases"),
	"tasks":     ownOrOthers("task:tasks"),
	"notes":     ownOrOthers("note:notes"),
	"emails":    ownOrOthers("email:emails"),
	"workflows": ownOrOthers("workflow:workflows"),
	"forms":     ownOrOthers("form:forms"),
	"pages":     ownOrOthers("page:pages"),
	"reports":   ownOrOthers("report:reports"),
	"users":     everyones("user:users"),
	"roles":     everyones("user:roles"),
}

// ownOrOthers are the names in an area where a user's own things and those of
// others are told apart.
func ownOrOthers(area string) map[right][]string {
	names := map[right][]string{toCreate: {area + ":create"}}
	for _, r := range []right{toView, toEdit, toDelete} {
		names[r] = []string{area + ":" + string(r) + "own", area + ":" + string(r) + "other"}
	}
	return names
}

// everyones are the names in an area where they are not.
func everyones(area string) map[right][]string {
	names := map[right][]string{}
	for _, r := range []right{toView, toCreate, toEdit, toDelete} {
		names[r] = []string{area + ":" + string(r)}
	}
	return names
}

// permissionsOf are the names of which an endpoint needs one; none if it needs
// none, or none that is known. Everybody may ask about themselves. Who may see
// an email may send it, as it is in Mautic.
func permissionsOf(endpoint string) []string {
	e, _ := flexie.EndpointNamed(endpoint)
	_, does, _ := strings.Cut(e.Name, ".")
	needed := toEdit
	switch {
	case e.Name == "users.self" || e.Name == "users.permission":
		return nil
	case !e.Writes() || e.Name == "emails.send":
		needed = toView
	case does == "create":
		needed = toCreate
	case does == "delete":
		needed = toDelete
	}
	return permissionNames[e.Group][needed]
}

// PermissionsFor are the names of the permissions by which Forbidden judges
// tools, each once, those of an area after each other.
func PermissionsFor(all []Tool) []string {
	var names []string
	for _, t := range all {
		for _, endpoint := range t.Endpoints {
			names = append(names, permissionsOf(endpoint)...)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Forbidden reports whether a user may use none of what a tool is for. has says
// of permissions whether the user has them, and leaves out those that the
// workspace does not know: by these nothing is forbidden.
func Forbidden(t Tool, has map[string]bool) bool {
	for _, endpoint := range t.Endpoints {
		if !denied(permissionsOf(endpoint), has) {
			return false
		}
	}
	return len(t.Endpoints) > 0
}

// denied reports whether each of some permissions is known not to be had.
func denied(names []string, has map[string]bool) bool {
	for _, name := range names {
		if had, known := has[name]; had || !known {
			return false
		}
	}
	return len(names) > 0
}
