package prompts

import "flexie-mcp/flexie"

var cleanUpContact = Prompt{
	Name: "clean_up_contact", Title: "Clean up a contact",
	Description: "Check one contact for mistakes, gaps and duplicates, and mend what the user agrees to.",
	Arguments: []Argument{
		{Name: "who", Description: "The contact, by name.", Required: true, from: named(contacts)},
	},
	Tools: []string{"search_contacts", "describe_contact_fields", "get_contact", "update_contact"},
	steps: []string{
		"Find who. If it ends in an id, like (contact 42), that is the one. Else search_contacts with the name as search; where a full name finds nothing, with the last name. If several fit, ask which.",
		"describe_contact_fields, then get_contact with include notes, lists.",
		"Look for: names in capitals or swapped, addresses and phone numbers that can't be, values that are not allowed, required fields that are empty, and values that the notes or other fields already tell.",
		"search_contacts with the email, the phone number and the last name as search, one after another: who else is the same person?",
		"After the yes: update_contact with id and only the fields that change.",
	},
	show: "a table: field, now, proposed, where the proposal comes from. Never fill in what no record says. Then possible duplicates: id, what is the same, what differs.",
	ask:  "Ask for a yes to each line before you change it. Don't delete or merge duplicates: deals, cases and notes may hang on them.",
}

var findDuplicates = Prompt{
	Name: "find_duplicates", Title: "Find duplicate contacts",
	Description: "Find contacts that are there twice, and say which to keep.",
	Arguments: []Argument{
		{Name: "field", Description: "Field that two of them share.", from: fieldsOf(flexie.Contact), otherwise: "email, phone, and name with company"},
		{Name: "within", Description: "Text that narrows it down, e.g. a company.", otherwise: "all contacts"},
	},
	Tools: []string{"describe_contact_fields", "search_contacts", "get_contact", "update_contact"},
	steps: []string{
		"describe_contact_fields: find the alias of field, and those of name, email, phone and company.",
		"search_contacts with these as columns, within as search, order_by the field, limit 200. Read further pages (start) up to 2,000 contacts. If there are more, say so, and ask how to narrow it down.",
		"Compare without capitals, spaces and accents; phone numbers by their digits. Empty is never alike.",
		"get_contact of the likely pairs, at most ten: the same person, or two who share a phone?",
		"Of each pair propose which to keep: the fuller one, changed last. After the yes: update_contact with what only the other one knows.",
	},
	show: "how many contacts were compared, then a table: the two ids, name, what is the same, what differs, how sure, which to keep.",
	ask:  "Ask for a yes to each pair before you change it. Don't delete the other one: deals, cases and notes may hang on it. Leave merging to the user.",
}

var buildList = Prompt{
	Name: "build_list", Title: "Put contacts on a list",
	Description: "Put all contacts with a certain value in a field on a list.",
	Arguments: []Argument{
		{Name: "list", Description: "The list, by name.", Required: true, from: named(contactLists)},
		{Name: "field", Description: "Field to choose by, e.g. status.", Required: true, from: fieldsOf(flexie.Contact)},
		{Name: "value", Description: "What it must say.", Required: true, from: optionsOf(flexie.Contact, "field")},
	},
	Tools: []string{"list_contact_lists", "describe_contact_fields", "search_contacts", "get_contact", "add_contact_to_list"},
	steps: []string{
		"Find list: the number in (list 3) is its id; else list_contact_lists with the name as search. If several fit, ask which.",
		"describe_contact_fields: find the alias of field, its type and its allowed values. If value is none of them, ask. " + ofValue,
		"search_contacts with filter field is value, limit 200. Read all pages (start).",
		"get_contact with include lists for the first three: are they on the list already?",
		"After the yes: add_contact_to_list with list_id and id, one contact after another. Stop at the first error and say how far you came.",
	},
	show: "the list and its id, how many contacts match, the first twenty (id, name, company, the value), and what being on the list may set off: mailings, workflows. Afterwards how many were added.",
	ask:  "Ask for a yes that names the number of contacts before you add the first.",
}
