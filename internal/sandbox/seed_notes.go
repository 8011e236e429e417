package sandbox

import (
	"fmt"
	"strings"
)

// jottings are the notes, from 1 on: on which record, of which type, how many
// days old, and the text.
var jottings = []struct {
	kind   *kind
	record int64
	typ    string
	days   int
	text   string
}{
	{contacts, 1, "call", 4, "<p>Ana confirmed the budget for <b>phase 2</b>. She wants the quote this week.</p>"},
	{contacts, 1, "meeting", 31, "<p>Quarterly review in Rotterdam.</p><ul><li>Happy with support</li><li>Hall C opens in July</li></ul>"},
	{contacts, 17, "call", 2, "<p>Pieter: contract is with legal until Thursday.</p>"},
	{contacts, 47, "email", 1, "<p>Jim asks for the price of 12 more scanners.</p>"},
	{contacts, 47, "general", 60, "<p>Prefers email. On holiday in August.</p>"},
	{contacts, 42, "call", 3, "<p>David checks how many seats they really use.</p>"},
	{contacts, 23, "general", 15, longNote()},
	{contacts, 2, "meeting", 9, "<p>Lars needs a second reference in the energy sector.</p>"},
	{contacts, 4, "general", 22, "<p>Launch went well: 400 members in the first week.</p>"},
	{contacts, 5, "call", 11, "<p>Dr. Müller signed. Invoice goes to <i>Buchhaltung</i>.</p>"},
	{contacts, 7, "email", 14, "<p>Send everything in Japanese as well.</p>"},
	{contacts, 18, "call", 6, "<p>Grace: no roll-out without single sign-on.</p>"},
	{contacts, 35, "call", 49, "<p>They leave because of the price. Ask again next season.</p>"},
	{contacts, 33, "general", 80, "<p>Family business, decides fast.</p>"},
	{contacts, 54, "meeting", 5, "<p>Victor wants to start in one shop in Austin.</p>"},
	{leads, 3, "call", 3, "<p>40 trucks, two depots. Needs reports by temperature.</p>"},
	{leads, 9, "email", 2, "<p>Sara was referred by Ana Ruiz at Acme.</p>"},
	{leads, 6, "email", 5, "<p>Security questionnaire: 84 questions.</p>"},
	{leads, 15, "call", 7, "<p>Budget approved, start in September.</p>"},
	{leads, 42, "general", 1, "<p>Came through the website. Call before noon, Austin time.</p>"},
	{leads, 21, "general", 10, "<p>Compares with Velotrack. Price is not the point, the app is.</p>"},
	{leads, 16, "meeting", 8, "<p>Three counties, solar meters. Very good fit.</p>"},
	{accounts, 1, "meeting", 31, "<p>Acme plans hall C. Decision makers: Ana Ruiz, Sanne de Boer.</p>"},
	{accounts, 1, "general", 120, "<p>Frame contract, net 30 days.</p>"},
	{accounts, 3, "general", 44, "<p>Tender rules: everything above 50,000 needs three offers.</p>"},
	{accounts, 5, "general", 70, "<p>Plant visit only with safety shoes.</p>"},
	{accounts, 8, "call", 12, "<p>They ask for monthly billing.</p>"},
	{accounts, 19, "general", 49, "<p>Cancelled on 30 April.</p>"},
	{accounts, 42, "general", 6, "<p>Retail package fits. Decision by the COO.</p>"},
	{deals, 1, "call", 2, "<p>Legal wants a longer notice period: 6 instead of 3 months.</p>"},
	{deals, 2, "email", 1, "<p>Offer revised: 12 scanners at <b>€395</b>.</p>"},
	{deals, 3, "meeting", 9, "<p>Procurement: reference, then signature.</p>"},
	{deals, 12, "call", 4, "<p>8% discount asked for. Tomás decides.</p>"},
	{deals, 13, "general", 12, "<p>Lost: they build it themselves.</p>"},
	{deals, 17, "email", 6, "<p>Questionnaire arrived, due this week.</p>"},
	{deals, 22, "meeting", 7, "<p>Board meets on 8 July.</p>"},
	{deals, 31, "call", 4, "<p>Ana expects no price change.</p>"},
	{deals, 42, "call", 3, "<p>60 seats now, maybe 52.</p>"},
	{cases, 42, "general", 1, "<p>Root cause: expired certificate. Add a monitor.</p>"},
	{cases, 1, "general", 2, "<p>All from the 2023 batch: firmware 4.1.</p>"},
	{cases, 10, "call", 3, "<p>Beatriz is upset. Offer to cover the goods?</p>"},
	{cases, 6, "call", 1, "<p>Katrin: line 4 loses 3,000 a day.</p>"},
	{cases, 23, "general", 2, "<p>Operator's ticket: OP-5531.</p>"},
	{subscriptions, 11, "call", 5, "<p>Season is weak, they paused until September.</p>"},
	{subscriptions, 42, "general", 3, "<p>Revised: 16 seats for finance only.</p>"},
	{equipment, 3, "general", 2, "<p>Display broken, 640.50 to replace.</p>"},
}

// longNote is the minutes of a very long meeting: what a reader has to cut.
func longNote() string {
	topics := []string{"the migration of hall A", "the price of extra seats", "access for temporary staff", "the monthly report", "the audit in autumn"}
	var b strings.Builder
	b.WriteString("<h2>Minutes of the workshop with Sanne de Boer</h2>")
	for i := range 60 {
		fmt.Fprintf(&b, "<p><b>%d.</b> On %s: Sanne explained how it is done today, we showed the %s, and agreed to look at it again in week %d. "+
			"Open: who signs, and what happens with the old data.</p>", i+1, cycle(topics, int64(i)), cycle([]string{"new screen", "export", "interface"}, int64(i)), 27+i%9)
	}
	b.WriteString("<p>Next workshop: 14 July, Rotterdam.</p>")
	return b.String()
}

func seedNotes() []*item {
	var items []*item
	for i, j := range jottings {
		id := int64(i + 1)
		it := planted(notes, id, j.days, values{"text": j.text, "type": j.typ, "datetime": hour(-j.days, 9+i%8),
			"entity_type": j.kind.table, "entity_id": j.record})
		it.createdBy, it.modified, it.modifiedBy = cycle([]int64{3, 4, 42, 5, 6}, id), "", 0
		items = append(items, it)
	}
	return items
}
