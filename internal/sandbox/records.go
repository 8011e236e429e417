package sandbox

// listItems answers GET on a list: search, start and limit in the query.
func listItems(c *call) (any, error) {
	q, err := c.query(c.kind, listRequest{})
	if err != nil {
		return nil, err
	}
	return c.answerPage(c.kind, q)
}

// filterItems answers POST on a list: filters, order and paging in the body.
func filterItems(c *call) (any, error) {
	r, err := c.listRequest()
	if err != nil {
		return nil, err
	}
	q, err := c.query(c.kind, r)
	if err != nil {
		return nil, err
	}
	return c.answerPage(c.kind, q)
}

// answerPage is a page of items with how many there are in all.
func (c *call) answerPage(k *kind, q *query) (any, error) {
	items, total, err := c.page(k, q)
	if err != nil {
		return nil, err
	}
	entries := make([]entry, len(items))
	for i, it := range items {
		body, err := c.render(it)
		if err != nil {
			return nil, err
		}
		entries[i] = entry{it.id, body}
	}
	_, many := k.outerNames(c.dialect)
	if k.array {
		return c.dialect.plainList(many, total, entries), nil
	}
	return c.dialect.list(many, total, entries), nil
}

// answerItem is one item under its outer name.
func (c *call) answerItem(it *item) (any, error) {
	body, err := c.render(it)
	one, _ := it.kind.outerNames(c.dialect)
	return c.dialect.one(one, body), err
}

func getItem(c *call) (any, error) {
	it, err := c.item()
	if err != nil {
		return nil, err
	}
	return c.answerItem(it)
}

func createItem(c *call) (any, error) {
	body, err := c.body()
	if err != nil {
		return nil, err
	}
	return c.createWith(c.kind, body, values{})
}

// createWith makes an item of what the request gives and what it implies.
func (c *call) createWith(k *kind, body, implied values) (any, error) {
	it := &item{kind: k, createdBy: c.user.id, data: implied}
	var err error
	if it.id, err = c.next(k.table); err != nil {
		return nil, err
	}
	if it.created, err = c.tick(); err != nil {
		return nil, err
	}
	if err := c.fill(it, body, true); err != nil {
		return nil, err
	}
	if err := c.put(it); err != nil {
		return nil, err
	}
	return c.answerItem(it)
}

func updateItem(c *call) (any, error) {
	it, err := c.item()
	if err != nil {
		return nil, err
	}
	body, err := c.body()
	if err != nil {
		return nil, err
	}
	return c.change(it, body)
}

// editItem updates the record that a unique field in the body names.
func editItem(c *call) (any, error) {
	body, err := c.body()
	if err != nil {
		return nil, err
	}
	it, err := c.findByUnique(body)
	if err != nil {
		return nil, err
	}
	return c.change(it, body)
}

// findByUnique takes the first unique field of the kind that the body has.
// Guess: with several, the first decides.
func (c *call) findByUnique(body values) (*item, error) {
	for i := range c.kind.fields {
		f := &c.kind.fields[i]
		v, given := plain(body[f.alias])
		if !f.unique || f.readOnly || !given || v == "" {
			continue
		}
		id, err := c.holder(c.kind, f, v, 0)
		if err != nil {
			return nil, err
		}
		if id == 0 {
			return nil, notFound("No %s has the %s %q.", c.kind.name, f.alias, v)
		}
		return c.find(c.kind, id)
	}
	return nil, badRequest("The body names no unique field of a %s.", c.kind.name)
}

// change writes what is given of an item, and says by whom and when.
func (c *call) change(it *item, body values) (any, error) {
	if err := c.touch(it); err != nil {
		return nil, err
	}
	if err := c.fill(it, body, false); err != nil {
		return nil, err
	}
	if err := c.put(it); err != nil {
		return nil, err
	}
	return c.answerItem(it)
}

// touch marks an item as changed now by the caller.
func (c *call) touch(it *item) (err error) {
	it.modifiedBy = c.user.id
	it.modified, err = c.tick()
	return err
}

func deleteItem(c *call) (any, error) {
	it, err := c.item()
	if err != nil {
		return nil, err
	}
	return c.erase(it)
}

// erase deletes an item and answers it where the dialect does.
func (c *call) erase(it *item) (any, error) {
	answer, err := c.answerItem(it)
	if err != nil {
		return nil, err
	}
	if _, err := c.tick(); err != nil {
		return nil, err
	}
	if err := c.remove(it); err != nil {
		return nil, err
	}
	if c.dialect.gone {
		return nil, nil
	}
	return answer, nil
}
