package flexie

import (
	"context"
	"time"
)

// User is what a user can be given; nil is left alone.
type User struct {
	Username    *string `json:"username,omitempty"`
	FirstName   *string `json:"firstName,omitempty"`
	LastName    *string `json:"lastName,omitempty"`
	Email       *string `json:"email,omitempty"`
	Password    *string `json:"password,omitempty"`
	Position    *string `json:"position,omitempty"`
	Timezone    *string `json:"timezone,omitempty"` // IANA name
	Locale      *string `json:"locale,omitempty"`   // like en_US
	Role        *ID     `json:"role,omitempty"`
	IsPublished *bool   `json:"isPublished,omitempty"`
}

// SearchUsers finds users.
func (c *Client) SearchUsers(ctx context.Context, q Query) (Page, error) {
	return c.search(ctx, "users", nil, q, nil, "users")
}

// User reads one user.
func (c *Client) User(ctx context.Context, id ID) (Record, error) {
	return c.one(ctx, call{endpoint: "users.get", path: idParam(id)}, "user")
}

// Self reads the user that the credential belongs to.
func (c *Client) Self(ctx context.Context) (Record, error) {
	user, err := c.one(ctx, call{endpoint: "users.self"}, "user")
	if err == nil {
		c.zone.keepOf(user, textOf(user.Values, c.assumed.UserTimezone))
	}
	return user, c.atRoot(err)
}

// CreateUser makes a user.
func (c *Client) CreateUser(ctx context.Context, u User) (Record, error) {
	defer c.shelf.forget(users)
	return c.written(ctx, call{endpoint: "users.create", body: u}, "user")
}

// UpdateUser changes what is given of a user.
func (c *Client) UpdateUser(ctx context.Context, id ID, u User) (Record, error) {
	defer c.shelf.forget(users)
	defer c.zone.keep(nil, time.Time{}) // it may be the zone that changes
	return c.written(ctx, call{endpoint: "users.update", path: idParam(id), body: u}, "user")
}

// DeleteUser deletes a user.
func (c *Client) DeleteUser(ctx context.Context, id ID) error {
	defer c.shelf.forget(users)
	return c.deleted(ctx, call{endpoint: "users.delete", path: idParam(id)})
}

// Permissions says of each permission whether the user has it, in the order
// asked. One that the answer leaves out is left out. Assumption: permission-shape.
func (c *Client) Permissions(ctx context.Context, id ID, permissions []string) (Record, error) {
	r := call{endpoint: "users.permission", path: idParam(id), body: map[string][]string{"permissions": permissions}}
	answer, err := c.do(ctx, r)
	if err != nil {
		return Record{}, err
	}
	o, ok := answer.(*Object)
	for _, name := range c.assumed.PermissionsIn {
		if inner, has := memberAt(o, name); has {
			o, ok = inner.(*Object)
			break
		}
	}
	if !ok && !isEmpty(answer) {
		return Record{}, unreadable(200, "the answer says nothing of permissions that could be read")
	}
	values := NewObject()
	for _, p := range permissions {
		if o.Has(p) {
			values.Set(p, o.Get(p))
		}
	}
	for p, has := range o.All() {
		values.Set(p, has)
	}
	return Record{Values: values}, nil
}
