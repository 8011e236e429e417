package sandbox

// formFields are a form's attributes. Flexie's API only reads forms: they are
// listed and answered by records.go like everything else. The fields of a form
// are answered as they were made.
var formFields = []field{
	{alias: "name", typ: "text", required: true},
	{alias: "alias", typ: "text"},
	{alias: "description", typ: "textarea"},
	{alias: "form_type", typ: "text", as: "formType"},
	{alias: "post_action", typ: "text", as: "postAction"},
	{alias: "fields", typ: "json"},
	{alias: "submission_count", typ: "number", as: "submissionCount"},
	published,
}
