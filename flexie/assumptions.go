package flexie

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"
)

// Assumptions are what is guessed of Flexie and can be mended by data: names,
// words and numbers. A field that is nil, "" or 0 is the present guess; a map
// needs only the entries that differ. The tags of a field:
//
//	key   its name in the settings, under [assumptions]
//	rows  the rows of docs/assumptions.md that it can mend
//	help  one or two sentences, read in config.example.toml and docs/settings.md
//
// In names of members, dots lead inside: "meta.total". A name is tried before
// those after it.
type Assumptions struct {
	ListTotals []string `key:"list_totals" rows:"list-shapes" help:"The members of a list's answer that may say how many there are in all."`
	ListNames  []string `key:"list_names" rows:"list-shapes" help:"The members that may hold any list, besides its plural."`

	RecordNames  []string `key:"record_names" rows:"record-shapes" help:"The members that may hold any single record, besides its own name."`
	RecordFields string   `key:"record_fields" rows:"record-shapes" help:"The member of a record that holds its fields, where they do not stand beside its id."`
	RecordAll    string   `key:"record_all" rows:"record-shapes" help:"The member of that in which all fields stand by alias, in no groups."`
	RecordValue  string   `key:"record_value" rows:"record-shapes" help:"The member of a field, where it is described, that holds its value."`

	CustomRecordNames map[string][]string `key:"custom_record_names" rows:"custom-record-names" help:"The members that may hold a list of custom records, and one, besides the name of their table."`

	SystemNames   map[string][]string `key:"system_names" rows:"system-properties" help:"The names that properties of every record may come under, besides those they have here."`
	SystemFilters map[string]string   `key:"system_filters" rows:"system-properties" help:"What properties of every record are called in filters and orders."`

	FieldNames map[string][]string `key:"field_names" rows:"field-shape" help:"The members of the description of a field; option_value and option_label are members of each choice."`
	FieldTypes map[string][]string `key:"field_types" rows:"value-types,filter-types" help:"The types of fields that this workspace has by another name, in small letters: select = [\"picklist\"]. Values of those under any are not checked."`

	FilterOperators map[string]string `key:"filter_operators" rows:"filter-operators" help:"What Flexie calls each operator, and which of the flags strict, starts and ends go with it."`
	FilterTypes     map[string]string `key:"filter_types" rows:"filter-types" help:"The type of a filter where that of its field is not known, by what it is compared with."`

	QueryNames map[string]string `key:"query_names" rows:"start-on-get,search-with-filters,filter-lists-query" help:"The parameters of a list in its address: the text to search for, how many to skip, how many to give."`
	ListLimit  int               `key:"list_limit" rows:"list-limit" help:"How many a list gives that is not told how many."`

	SuccessNames []string `key:"success_names" rows:"success-shape" help:"The members that may say that a write was done: true, 1, or one of success_words."`
	SuccessWords []string `key:"success_words" rows:"success-shape" help:"Those words, in small letters."`

	NoteEntityTypes map[string]string   `key:"note_entity_types" rows:"note-entity-type" help:"What a note is put on, in its address; {table} stands for a custom table's name."`
	NoteNames       map[string][]string `key:"note_names" rows:"note-entity" help:"The members of a note that say what it is on."`
	ReplyNames      map[string][]string `key:"reply_names" rows:"reply-shape" help:"The members of a case's reply: its text, when it was written, and by whom."`
	EmailNames      map[string][]string `key:"email_names" rows:"send-shape,email-recipients,email-sent-count" help:"The members of an email, and of the answer to sending it, that say how many it went to, failed for and will go to, and its lists."`

	ReportNames   map[string][]string `key:"report_names" rows:"report-shape" help:"The members of a report's answer that hold its rows, and the report itself."`
	PermissionsIn []string            `key:"permissions_in" rows:"permission-shape" help:"The members of the answer to a permission check that may hold the permissions, if anything does."`

	UserTimezone []string `key:"user_timezone" rows:"user-timezone" help:"The members of a user that may name their time zone."`
	TimesZone    string   `key:"times_zone" rows:"times-are-utc" help:"The zone of the dates with times that Flexie answers and takes without one: an IANA name, like Europe/Tirane."`
}

// PresentAssumptions are what is guessed where nothing else is said. This is the
// only place that says it.
func PresentAssumptions() Assumptions {
	return Assumptions{
		// "count" is not one: it could as well count just this page, and hide the
		// next.
		ListTotals: []string{"total", "totalResults", "totalCount"},
		ListNames:  []string{},

		RecordNames:  []string{},
		RecordFields: "fields",
		RecordAll:    "all",
		RecordValue:  "value",

		CustomRecordNames: map[string][]string{
			"list": {"entities", "customEntities", "records", "items"},
			"one":  {"entity", "customEntity", "record", "item"},
		},
		SystemNames: map[string][]string{
			"date_added":       {"dateAdded"},
			"date_modified":    {"dateModified"},
			"created_by":       {"createdBy"},
			"created_by_user":  {"createdByUser"},
			"modified_by":      {"modifiedBy"},
			"modified_by_user": {"modifiedByUser"},
			"is_published":     {"isPublished"},
			"datetime":         {"dateTime"}, // of a note, which is written as datetime
			"owner_id":         {},
		},
		SystemFilters: map[string]string{
			"id": "id", "date_added": "date_added", "date_modified": "date_modified", "created_by": "created_by",
			"modified_by": "modified_by", "owner_id": "owner_id", "is_published": "is_published",
		},
		FieldNames: map[string][]string{
			"alias":        {"alias"},
			"label":        {"label"},
			"type":         {"type"},
			"category":     {"group", "category"},
			"required":     {"isRequired", "required"},
			"unique":       {"isUniqueIdentifier", "isUniqueIdentifer", "unique"},
			"default":      {"defaultValue"},
			"choices":      {"properties.list"},
			"option_value": {"value"},
			"option_label": {"label"},
		},
		FieldTypes: map[string][]string{
			"number": {}, "integer": {}, "boolean": {}, "date": {}, "datetime": {}, "email": {},
			"text": {}, "select": {}, "multiselect": {}, "any": {},
		},
		// strict is a match of the whole value; starts and ends anchor like.
		FilterOperators: map[string]string{
			"is": "= strict", "is_not": "!= strict",
			"contains": "like", "not_contains": "!like", "starts_with": "like starts", "ends_with": "like ends",
			"gt": "gt", "gte": "gte", "lt": "lt", "lte": "lte", "between": "between",
			"in": "in", "not_in": "!in", "empty": "empty", "not_empty": "!empty",
		},
		FilterTypes: map[string]string{"number": "number", "boolean": "boolean", "date": "date", "text": "text"},

		QueryNames: map[string]string{"search": "search", "start": "start", "limit": "limit"},
		ListLimit:  30,

		SuccessNames: []string{"success", "status"},
		SuccessWords: []string{"success", "ok", "200", "201", "204"},

		NoteEntityTypes: map[string]string{
			"contact": "contact", "lead": "lead", "account": "account", "deal": "deal", "case": "case",
			"custom_record": "{table}",
		},
		NoteNames: map[string][]string{"entityType": {"entityType"}, "entityId": {"entityId"}},
		ReplyNames: map[string][]string{
			"text": {"text"}, "date_added": {"date_added"}, "created_by_user": {"created_by_user"}, "author": {"author"}, "type": {"type"},
		},
		EmailNames: map[string][]string{
			"sentCount": {"sentCount"}, "failedCount": {"failedCount"}, "pendingCount": {"pendingCount"}, "lists": {"lists"},
		},
		ReportNames:   map[string][]string{"rows": {"data"}, "report": {"report"}},
		PermissionsIn: []string{"permissions"},
		UserTimezone:  []string{"timezone"},
		TimesZone:     "UTC",
	}
}

// MendedBy are the keys under [assumptions] that can mend a row of
// docs/assumptions.md; none where that takes another version of the program.
func MendedBy(row string) (keys []string) {
	t := reflect.TypeFor[Assumptions]()
	for i := range t.NumField() {
		if slices.Contains(strings.Split(t.Field(i).Tag.Get("rows"), ","), row) {
			keys = append(keys, t.Field(i).Tag.Get("key"))
		}
	}
	return keys
}

// Check says what is wrong with assumptions, each as "key: what"; nil if nothing.
func (a Assumptions) Check() (problems []string) {
	for _, name := range slices.Sorted(maps.Keys(a.FilterOperators)) {
		if _, err := readOperator(a.FilterOperators[name]); err != nil {
			problems = append(problems, fmt.Sprintf("filter_operators.%s: %v", name, err))
		}
	}
	if _, err := time.LoadLocation(a.TimesZone); err != nil || a.TimesZone == "Local" {
		problems = append(problems, fmt.Sprintf("times_zone: %s is not a time zone; write it like Europe/Tirane or UTC", quoted(a.TimesZone)))
	}
	if a.ListLimit < 0 {
		problems = append(problems, fmt.Sprintf("list_limit: %d is too small: 1 is the least", a.ListLimit))
	}
	if a.ListLimit > mostListLimit {
		problems = append(problems, fmt.Sprintf("list_limit: %d is too large: %d is the most", a.ListLimit, mostListLimit))
	}
	return append(problems, a.badNames()...)
}

// whole are the assumptions with the present guesses where nothing else is said.
func (a Assumptions) whole() Assumptions {
	all := PresentAssumptions()
	from, to := reflect.ValueOf(a), reflect.ValueOf(&all).Elem()
	for i := range from.NumField() {
		switch given := from.Field(i); {
		case given.IsZero():
		case given.Kind() == reflect.Map:
			for entries := given.MapRange(); entries.Next(); {
				to.Field(i).SetMapIndex(entries.Key(), entries.Value())
			}
		default:
			to.Field(i).Set(given)
		}
	}
	return all
}
