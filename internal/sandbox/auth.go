package sandbox

import (
	"net/http"
	"slices"
	"strings"
)

// keyHolders are the users of the seed that have an API key.
var keyHolders = map[string]int64{Key: 1, SalesKey: 3, SupportKey: 5, ViewerKey: 7}

// permissionOf says which permission an act needs; the rest need "view".
// Guess: Flexie's page shows only permissions such as lead:leads:viewown.
var permissionOf = map[string]string{
	"create":              "create",
	"update":              "edit",
	"edit":                "edit",
	"delete":              "delete",
	"add_to_list":         "edit",
	"remove_from_list":    "edit",
	"reply":               "edit",
	"reply_by_identifier": "edit",
	"complete":            "edit",
	"incomplete":          "edit",
	"send":                "send",
}

// authenticate finds out who asks.
func (c *call) authenticate() error {
	id, ok := c.credentials()
	if !ok {
		return &failure{status: http.StatusUnauthorized, message: "API authorization denied: send a valid key in the apikey header."}
	}
	user, err := c.find(users, id)
	if err != nil || user.data["isPublished"] == false {
		return &failure{status: http.StatusUnauthorized, message: "The user of this API key is no longer active."}
	}
	c.user = user
	c.role, err = c.find(roles, integer(user.data["role"]))
	return err
}

func (c *call) credentials() (user int64, ok bool) {
	key := c.request.Header.Get("apikey")
	if key == "" {
		key = c.request.URL.Query().Get("apikey")
	}
	if key != "" {
		user, ok = keyHolders[key]
		return user, ok
	}
	scheme, token, _ := strings.Cut(c.request.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "Bearer") || token == "" {
		return 0, false
	}
	if token == c.options.Token {
		return keyHolders[Key], true
	}
	return c.grants.userOf(token)
}

// authorize checks what the endpoint needs. Everybody may ask about themselves.
func (c *call) authorize() error {
	switch c.route.Name {
	case "users.self", "users.permission":
		return nil
	}
	act := permissionOf[c.route.act]
	if act == "" {
		act = "view"
	}
	return c.need(c.kind, act)
}

// need refuses what the user's role does not allow.
func (c *call) need(k *kind, act string) error {
	permission := k.area + ":" + act
	if allows(c.role, permission) {
		return nil
	}
	return &failure{status: http.StatusForbidden, message: "You do not have access to this: it needs the permission " + permission + "."}
}

// allows reports whether a role has a permission: BUNDLE:AREA:ACT. A role of
// the seed has an act on everybody's records or not at all, so viewown,
// viewother and view are one question.
func allows(role *item, permission string) bool {
	if role.data["isAdmin"] == true {
		return true
	}
	i := strings.LastIndex(permission, ":")
	if i < 0 {
		return false
	}
	granted, _ := role.data["permissions"].(map[string]any)
	list, _ := granted[permission[:i]].([]any)
	act := strings.TrimSuffix(strings.TrimSuffix(permission[i+1:], "own"), "other")
	return slices.Contains(list, any(act))
}
