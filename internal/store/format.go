package store

// Format is the newest format of journal.db that this program knows, which is the
// user_version of the files it makes.
func Format() int { return len(durable.migrations) }
