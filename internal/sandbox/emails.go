package sandbox

import "encoding/json"

// emailFields are an email's attributes. One of type template is sent to
// nobody by itself; one of type list goes to the contacts of its lists.
var emailFields = []field{
	{alias: "name", typ: "text", required: true},
	{alias: "subject", typ: "text"},
	{alias: "email_type", typ: "select", options: []string{"template", "list"}, as: "emailType"},
	{alias: "custom_html", typ: "textarea", as: "customHtml"},
	{alias: "from_name", typ: "text", as: "fromName"},
	{alias: "from_address", typ: "email", as: "fromAddress"},
	{alias: "language", typ: "text"},
	{alias: "lists", typ: "json"},
	{alias: "sent_count", typ: "number", as: "sentCount"},
	{alias: "read_count", typ: "number", as: "readCount"},
	published,
}

// sendEmail sends a list email to the members of its lists who have not had it
// yet, and to no more than limit of them.
func sendEmail(c *call) (any, error) {
	it, err := c.item()
	if err != nil {
		return nil, err
	}
	limit, err := c.sendLimit()
	if err != nil {
		return nil, err
	}
	if it.data["email_type"] != "list" {
		return nil, badRequest("Email %d is a template: only an email to lists can be sent.", it.id)
	}
	if it.data["isPublished"] == false {
		return nil, badRequest("Email %d is not published.", it.id)
	}
	sent, err := c.deliver(it, limit)
	if err != nil {
		return nil, err
	}
	it.data["sent_count"] = number64(integer(it.data["sent_count"]) + sent)
	if err := c.touch(it); err != nil {
		return nil, err
	}
	if err := c.put(it); err != nil {
		return nil, err
	}
	return object{{"success", c.dialect.success}, {"sentCount", sent}, {"failedCount", 0}}, nil
}

// sendLimit reads how many may be sent; -1 is all.
func (c *call) sendLimit() (int64, error) {
	body, err := c.optionalBody()
	if err != nil {
		return 0, err
	}
	bad := problems{}
	limit := int64(-1)
	for alias, v := range body {
		n, err := acceptID(nil, v)
		switch {
		case alias != "limit":
			bad.add(alias, "Unknown field.")
		case err != nil:
			bad.add(alias, "%s is not a whole number from 1.", shown(v))
		default:
			limit = integer(n)
		}
	}
	return limit, bad.err()
}

// deliver notes who gets the email now, and counts them.
func (c *call) deliver(it *item, limit int64) (int64, error) {
	lists, err := json.Marshal(it.data["lists"])
	if err != nil {
		return 0, err
	}
	result, err := c.Exec(`
		INSERT INTO link SELECT DISTINCT 'email:contact', ?1, child FROM link
		WHERE relation = ?2 AND parent IN (SELECT value FROM json_each(?3))
			AND child NOT IN (SELECT child FROM link WHERE relation = 'email:contact' AND parent = ?1)
		ORDER BY child LIMIT ?4`, it.id, inList(contacts), string(lists), limit)
	if err != nil {
		return 0, err
	}
	return result.RowsAffected()
}
