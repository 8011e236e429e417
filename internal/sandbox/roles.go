package sandbox

// roleFields are a role's attributes. Flexie's API only reads roles. Guess: the
// shape of permissions, which are acts by area: {"deal:deals":["view","edit"]}.
var roleFields = []field{
	{alias: "name", typ: "text", required: true},
	{alias: "description", typ: "textarea"},
	{alias: "isAdmin", typ: "boolean"},
	{alias: "permissions", typ: "json"},
	published,
}
