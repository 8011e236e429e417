package flexie

import "strconv"

// ID is the id of something in Flexie: a whole number above 0, as in every
// example of the API page. Assumption: whole-number-ids.
type ID int64

func (id ID) String() string { return strconv.FormatInt(int64(id), 10) }
