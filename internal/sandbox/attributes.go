package sandbox

// What is no record has attributes rather than described fields. They are
// checked, filtered and kept in the same way, and declared beside what is done
// with them (taskFields in tasks.go). Guess: every attribute that Flexie's page
// does not show in a request body is Mautic's.

// published is an attribute of all that can be switched off.
var published = field{alias: "isPublished", typ: "boolean", initial: true}
