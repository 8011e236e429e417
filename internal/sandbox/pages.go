package sandbox

// pageFields are a landing page's attributes. Flexie's API only reads pages.
var pageFields = []field{
	{alias: "title", typ: "text", required: true},
	{alias: "alias", typ: "text"},
	{alias: "url", typ: "url"},
	{alias: "language", typ: "text"},
	{alias: "meta_description", typ: "textarea", as: "metaDescription"},
	{alias: "custom_html", typ: "textarea", as: "customHtml"},
	{alias: "hits", typ: "number"},
	published,
}
