package flexie

import "context"

// CaseRef names a case: by its id, or by its public identifier ("REF-1042").
type CaseRef struct {
	ID         ID
	Identifier string
}

// call makes the call of an endpoint of this case, which has a second form for
// the identifier.
func (ref CaseRef) call(endpoint string) call {
	if ref.Identifier != "" {
		return call{endpoint: endpoint + "_by_identifier", path: params{"identifier": ref.Identifier}}
	}
	return call{endpoint: endpoint, path: idParam(ref.ID)}
}

// CaseReplies lists all replies of a case, in Flexie's order.
func (c *Client) CaseReplies(ctx context.Context, ref CaseRef) (Page, error) {
	return c.whole(ctx, ref.call("cases.replies"), "replies")
}

// Reply is what is said to the customer: a text, or a template of the
// workspace by its id. Just one of the two is set.
type Reply struct {
	Text       string `json:"text,omitempty"`
	TemplateID ID     `json:"template_id,omitempty"`
}

// AddCaseReply replies to a case. The customer gets it.
func (c *Client) AddCaseReply(ctx context.Context, ref CaseRef, reply Reply) (Record, error) {
	r := ref.call("cases.reply")
	r.body = reply
	return c.written(ctx, r, "reply")
}
