package sandbox

// userFields are a user's attributes, by the names of Flexie's page.
var userFields = []field{
	{alias: "username", typ: "text", required: true, unique: true},
	{alias: "firstName", typ: "text", required: true},
	{alias: "lastName", typ: "text", required: true},
	{alias: "email", typ: "email", required: true, unique: true},
	{alias: "password", typ: "text", required: true, secret: true},
	{alias: "position", typ: "text"},
	{alias: "timezone", typ: "text", initial: "UTC"},
	{alias: "locale", typ: "text", initial: "en_US"},
	{alias: "role", typ: "lookup", target: "role", required: true},
	published,
}

// getSelf answers who the key belongs to. It has its outer name in every
// dialect: that much is confirmed by published integrations.
func getSelf(c *call) (any, error) {
	body, err := c.render(c.user)
	return object{{"user", body}}, err
}

// deleteUser deletes anybody but the one who asks.
func deleteUser(c *call) (any, error) {
	it, err := c.item()
	if err != nil {
		return nil, err
	}
	if it.id == c.user.id {
		return nil, badRequest("You can't delete yourself.")
	}
	return c.erase(it)
}

// checkPermission says what a user's role allows. Everybody may ask about
// themselves; about others, who may see users. Guess: the answer's shape.
func checkPermission(c *call) (any, error) {
	it, err := c.item()
	if err != nil {
		return nil, err
	}
	if it.id != c.user.id {
		if err := c.need(users, "view"); err != nil {
			return nil, err
		}
	}
	body, err := c.body()
	if err != nil {
		return nil, err
	}
	names := texts(body["permissions"])
	if len(names) == 0 {
		return nil, problems{"permissions": {"A list of permissions is expected."}}.err()
	}
	role, err := c.find(roles, integer(it.data["role"]))
	if err != nil {
		return nil, err
	}
	var granted object
	for _, name := range names {
		granted = granted.with(name, allows(role, name))
	}
	return c.dialect.one("permissions", granted), nil
}
