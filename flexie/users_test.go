package flexie

import (
	"context"
	"testing"
)

var userCalls = []sent{
	{"search", func(ctx context.Context, c *Client) error {
		_, err := c.SearchUsers(ctx, Query{Search: "ann"})
		return err
	}, "GET", "/users", "search=ann", "", ""},
	{"search with filters", func(ctx context.Context, c *Client) error {
		_, err := c.SearchUsers(ctx, Query{OrderBy: "username"})
		return err
	}, "POST", "/users", "", `{"start":0,"orderBy":"username","orderByDir":"ASC"}`, ""},
	{"get", func(ctx context.Context, c *Client) error {
		_, err := c.User(ctx, 42)
		return err
	}, "GET", "/users/42", "", "", `{"id":42}`},
	{"self", func(ctx context.Context, c *Client) error {
		_, err := c.Self(ctx)
		return err
	}, "GET", "/users/self", "", "", `{"user":{"id":42}}`},
	{"create", func(ctx context.Context, c *Client) error {
		_, err := c.CreateUser(ctx, User{
			Username: new("jdoe"), FirstName: new("John"), LastName: new("Doe"), Email: new("jdoe@example.com"), Password: new("S3cretPass!"),
			Position: new("Sales"), Timezone: new("America/New_York"), Locale: new("en_US"), Role: new(ID(3)), IsPublished: new(true),
		})
		return err
	}, "POST", "/users/new", "", `{"username":"jdoe","firstName":"John","lastName":"Doe","email":"jdoe@example.com","password":"S3cretPass!",
		"position":"Sales","timezone":"America/New_York","locale":"en_US","role":3,"isPublished":true}`, ""},
	{"update of one value", func(ctx context.Context, c *Client) error {
		_, err := c.UpdateUser(ctx, 42, User{IsPublished: new(false)})
		return err
	}, "PUT", "/users/42", "", `{"isPublished":false}`, ""},
	{"delete", func(ctx context.Context, c *Client) error { return c.DeleteUser(ctx, 42) }, "DELETE", "/users/42", "", "", ""},
	{"permission", func(ctx context.Context, c *Client) error {
		_, err := c.Permissions(ctx, 42, []string{"lead:leads:viewown", "lead:leads:editown"})
		return err
	}, "POST", "/users/42/permission", "", `{"permissions":["lead:leads:viewown","lead:leads:editown"]}`, ""},
}

func TestUserRequests(t *testing.T) { testSent(t, userCalls) }
