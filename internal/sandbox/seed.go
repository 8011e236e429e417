package sandbox

import (
	"strconv"
	"strings"
	"time"
)

// The seed is a believable workspace, the same each time. What a person would
// notice (names, titles, texts) is written out; the rest (phones, dates,
// scores) follows from the id by rules that have no chance in them. Ids have
// gaps, as in a workspace that has lived, so that every id on Flexie's page
// (contact 17, 42 and 47, list 42, template 3, REF-1042) exists.

// link puts an item into a list or a workflow.
type link struct {
	relation      string
	parent, child int64
}

// seed fills a new workspace.
func seed(t *tx) error {
	everybody := append(seedUsers(), seedRoles()...)
	for _, items := range [][]*item{
		everybody, seedAccounts(), seedContacts(), seedLeads(), seedDeals(), seedCases(), seedReplies(),
		seedSubscriptions(), seedEquipment(), seedTasks(), seedNotes(), seedLists(),
		seedCategories(), seedWorkflows(), seedEmails(), seedForms(), seedPages(), seedReports(),
	} {
		for _, it := range items {
			if err := t.put(it); err != nil {
				return err
			}
		}
	}
	for _, l := range append(seedMembers(), seedEnrolments()...) {
		if _, err := t.Exec(`INSERT INTO link VALUES (?, ?, ?)`, l.relation, l.parent, l.child); err != nil {
			return err
		}
	}
	_, err := t.Exec(`INSERT INTO counter SELECT kind, max(id) FROM item GROUP BY kind`)
	return err
}

// planted is an item that was made some days ago by its owner, and, unless its
// id is a multiple of nine, changed since.
func planted(k *kind, id int64, days int, data values) *item {
	it := &item{kind: k, id: id, data: data, createdBy: max(1, integer(data["owner_id"]))}
	it.created = ago(days, id)
	if id%9 != 0 && days > 0 {
		it.modified, it.modifiedBy = ago(int(id*37)%days, id), it.createdBy
	}
	return it
}

// ago is a working hour some days before Today.
func ago(days int, id int64) string {
	return Today.AddDate(0, 0, -days).Add(-time.Duration(id*17%300) * time.Minute).Format(timeLayout)
}

// day is a date relative to Today.
func day(offset int) string { return Today.AddDate(0, 0, offset).Format(dateLayout) }

// hour is a time of day relative to Today.
func hour(offset, h int) string {
	return Today.AddDate(0, 0, offset).Add(time.Duration(h-Today.Hour()) * time.Hour).Format(timeLayout)
}

// cycle takes one of a list by number, from the front again after the last.
func cycle[T any](list []T, i int64) T { return list[i%int64(len(list))] }

// two takes two neighbours of a list, as a multiselect's value.
func two(list []string, i int64) []string {
	return []string{cycle(list, i), cycle(list, i+1)}
}

var ascii = strings.NewReplacer("á", "a", "à", "a", "ã", "a", "ä", "ae", "å", "aa", "ć", "c", "č", "c", "ç", "c", "é", "e", "è", "e", "ê", "e", "ë", "e", "ė", "e",
	"ę", "e", "ğ", "g", "í", "i", "ı", "i", "ł", "l", "ń", "n", "ñ", "n", "ó", "o", "ö", "oe", "ø", "oe", "õ", "o", "ř", "r", "ś", "s", "š", "s", "ş", "s",
	"ú", "u", "ü", "ue", "ý", "y", "ž", "z", "ż", "z", "þ", "th", "ð", "d", "'", "", " ", "-", ".", "")

// mailbox is a person's address at a domain.
func mailbox(first, last, domain string) string {
	return ascii.Replace(fold(first)) + "." + ascii.Replace(fold(last)) + "@" + domain
}

// phone is a number that looks like one of its country's.
func phone(dial string, id int64) string {
	return dial + strconv.FormatInt(5550100+id*7919%899899, 10)
}
