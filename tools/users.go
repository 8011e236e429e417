package tools

import (
	"context"

	"flexie-mcp/flexie"
	"flexie-mcp/resources"
)

type userArgs struct {
	Username    *string `json:"username"`
	FirstName   *string `json:"first_name"`
	LastName    *string `json:"last_name"`
	Email       *string `json:"email"`
	Password    *string `json:"password"`
	Position    *string `json:"position" doc:"Job title."`
	Timezone    *string `json:"timezone" doc:"E.g. Europe/Berlin."`
	Locale      *string `json:"locale" doc:"E.g. en_US."`
	Role        ref     `json:"role" doc:"A role's id or name."`
	IsPublished *bool   `json:"is_published" doc:"Whether they may sign in."`
}

func (a userArgs) user(ctx context.Context, c *flexie.Client) (flexie.User, error) {
	role, err := a.Role.optional(ctx, "role", c.RoleID)
	return flexie.User{
		Username: a.Username, FirstName: a.FirstName, LastName: a.LastName, Email: a.Email, Password: a.Password,
		Position: a.Position, Timezone: a.Timezone, Locale: a.Locale, Role: role, IsPublished: a.IsPublished,
	}, err
}

func userTools() []Tool {
	n := resources.User
	return inCore("get_current_user",
		searchTool(n, "Find the workspace's users (colleagues, not customers), e.g. for an owner_id.", (*flexie.Client).SearchUsers),
		getTool(n, "Read one user's profile; for yourself, get_current_user.", (*flexie.Client).User),
		createUser(),
		updateUser(),
		deleteTool(userSubject, "Delete a user for good. To lock one out, use update_user with is_published false.", (*flexie.Client).DeleteUser),
		checkUserPermissions(),
		getCurrentUser(),
	)
}

func createUser() Tool {
	return defineWrite(Tool{
		Name: "create_user", Title: "Create user", Act: Create, Toolset: "users", Endpoints: []string{"users.create"},
		Description: "Create a user who can sign in to the workspace.",
	}, func(ctx context.Context, c *flexie.Client, a userArgs) (Write, error) {
		if a == (userArgs{}) {
			return Write{}, wrong("nothing given: a user needs username, first_name, last_name, email, password and role")
		}
		given, err := a.user(ctx, c)
		if err != nil {
			return Write{}, err
		}
		w := Write{
			act: creates, of: userSubject, does: "create a user who can sign in", endpoint: "users.create",
			changes: changesOf(flexie.Record{}, wireValues(given)),
			send:    func(ctx context.Context) (flexie.Record, error) { return c.CreateUser(ctx, given) },
			answer:  func(r flexie.Record) resources.Answer { return wrote("Created", resources.User, withoutSecrets(r)) },
		}
		return w.lookingAround(ctx, c, flexie.NewObject()), nil
	})
}

func updateUser() Tool {
	type args struct {
		idArg
		userArgs
	}
	return defineWrite(Tool{
		Name: "update_user", Title: "Update user", Act: Change, Toolset: "users", Endpoints: []string{"users.update"},
		Description: "Change what is given of a user; the rest stays.",
	}, func(ctx context.Context, c *flexie.Client, a args) (Write, error) {
		if a.userArgs == (userArgs{}) {
			return Write{}, wrong("nothing to change: give email, position, role, is_published or another value")
		}
		given, err := a.user(ctx, c)
		if err != nil {
			return Write{}, err
		}
		return planUpdate(ctx, c, userSubject, a.ID, given, func(ctx context.Context) (flexie.Record, error) {
			return c.UpdateUser(ctx, a.ID, given)
		})
	})
}

func checkUserPermissions() Tool {
	type args struct {
		idArg
		Permissions []string `json:"permissions" jsonschema:"required" doc:"E.g. lead:leads:viewown, lead:leads:editown."`
	}
	return define(Tool{
		Name: "check_user_permissions", Title: "Check user permissions", Act: Read, Toolset: "users", Endpoints: []string{"users.permission"},
		Description: "Ask whether a user has each of the permissions named.",
	}, func(ctx context.Context, c *flexie.Client, a args) (resources.Answer, error) {
		if len(a.Permissions) == 0 {
			return resources.Answer{}, wrong("permissions is empty: name at least one, like lead:leads:viewown")
		}
		permissions, err := c.Permissions(ctx, a.ID, a.Permissions)
		return permissionsAnswer(a.ID, permissions), err
	})
}

func permissionsAnswer(id flexie.ID, permissions flexie.Record) resources.Answer {
	a := done("Permissions of user %d.", id)
	var part resources.Part
	for name, value := range permissions.Values.All() {
		part.Values = append(part.Values, resources.ValueOf(name, value))
	}
	a.Parts = []resources.Part{part}
	return a
}

func getCurrentUser() Tool {
	return define(Tool{
		Name: "get_current_user", Title: "Get current user", Act: Read, Toolset: "users", Endpoints: []string{"users.self"},
		Description: "Say whose credential this is: \"me\", e.g. for an owner_id.",
	}, func(ctx context.Context, c *flexie.Client, _ struct{}) (resources.Answer, error) {
		user, err := c.Self(ctx)
		return resources.RecordAnswer(resources.User, user), err
	})
}
