package tools

import "strings"

// fillers say nothing about what is wanted.
var fillers = strings.Fields(`
	a an the this that these those some any it its there here
	i me my mine we us our you your he him his she her they them their one ones
	am is are was were be been being do does did has have had can could will would shall should may might must
	what which who whom whose when where why how
	and or but if then than as so not no of in at by for from with about into to on onto up out over
	please want need like let just now today also every each per via s t`)

// said has a line for each word of our tools, and after it what people say
// instead. A word may stand in several: a customer is a contact or an account.
const said = `
account: company organisation organization business firm employer customer client
contact: person people customer client somebody someone human buyer
lead: prospect
deal: opportunity sale pipeline stage quote
case: ticket issue support helpdesk complaint incident problem
custom: own object entity table
record: object entity table row entry
task: todo activity reminder remind followup
note: comment remark memo log call meeting jot
email: mail newsletter message campaign
workflow: automation automate automated process
list: segment audience group
user: colleague employee staff teammate coworker member agent
permission: access right allow
page: website site
report: statistic analytics analysis figure dashboard chart metric
reply: answer respond response message conversation thread
field: property column attribute input
category: kind type

search: find show all query look browse many
get: read open view show detail display content fetch
create: make add new register enter file open schedule
update: change edit modify set rename move assign correct postpone adjust raise lower reset convert close disable enable stop start pause activate deactivate
delete: remove erase destroy cancel rid
add: create put enrol enroll subscribe write insert append
remove: take off unsubscribe
complete: finish close done tick
reopen: undo undone
send: blast
`

// synonyms are our words for what people say, all of them as stems.
var synonyms = synonymsOf(said)

func synonymsOf(table string) map[string][]string {
	found := map[string][]string{}
	for _, line := range strings.Split(table, "\n") {
		ours, others, _ := strings.Cut(line, ":")
		for _, other := range strings.Fields(others) {
			found[stem(other)] = append(found[stem(other)], stem(ours))
		}
	}
	return found
}

// phrases mean something together that their words don't.
var phrases = strings.NewReplacer(
	" who am i ", " current user ", " whoami ", " current user ", " myself ", " current user ", " my profile ", " current user ",
	" email address ", " address ", " email addresses ", " address ",
	" turn off ", " disable ", " switch off ", " disable ", " lock out ", " disable ",
	" turn on ", " enable ", " switch on ", " enable ",
	" to do ", " task ", " to dos ", " tasks ", " follow up ", " task ", " follow ups ", " tasks ",
	" reply to ", " add reply ", " remind me ", " create task ",
	" look up ", " search ",
	" everything about ", " search workspace ", " everything on ", " search workspace ", " anything about ", " search workspace ",
	" all about ", " search workspace ", " know about ", " search workspace ", " anywhere ", " workspace ", " everywhere ", " workspace ",
	" all kinds ", " workspace ", " all records ", " workspace ", " any record ", " workspace ",
)

// hints are what people say of single tools, beyond other words for the words
// of their names.
var hints = map[string]string{
	"get_case_replies": "customer write wrote said",
	"add_note":         "contact lead account deal case",
	"search_tasks":     "overdue due",
	"list_changes":     "history journal audit log done recently",
	"undo_change":      "revert restore recover rollback mistake back",
}
