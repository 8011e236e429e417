package sandbox

// stage is a step of a pipeline. Its labels are unique across pipelines, so
// that a label alone says which is meant.
type stage struct {
	id, pipeline int64
	name, status string
	probability  int64 // in percent
}

var pipelines = []choice{{1, "New business"}, {2, "Renewals"}}

var stages = []stage{
	{1, 1, "Qualification", "Open", 10},
	{2, 1, "Proposal", "Open", 40},
	{3, 1, "Negotiation", "Open", 70},
	{4, 1, "Won", "Won", 100},
	{5, 1, "Lost", "Lost", 0},
	{6, 2, "Renewal due", "Open", 50},
	{7, 2, "Renewal quoted", "Open", 70},
	{8, 2, "Renewal agreed", "Open", 90},
	{9, 2, "Renewed", "Won", 100},
	{10, 2, "Churned", "Lost", 0},
}

// Guess: pipelines and stages are selects with numbers for values. The page
// shows pipeline_id and stage_id, and no endpoint that lists them.
var dealFields = []field{
	{alias: "name", label: "Name", typ: "text", group: "core", required: true, unique: true},
	{alias: "amount", label: "Amount", typ: "currency", group: "core"},
	{alias: "close_date", label: "Close date", typ: "date", group: "core"},
	{alias: "pipeline_id", label: "Pipeline", typ: "select", group: "core", choices: pipelines},
	{alias: "stage_id", label: "Stage", typ: "select", group: "core", choices: stageChoices()},
	{alias: "status", label: "Status", typ: "select", group: "core", options: []string{"Open", "Won", "Lost"}, readOnly: true},
	{alias: "probability", label: "Probability (%)", typ: "number", group: "core", readOnly: true},
	{alias: "owner_id", label: "Owner", typ: "owner", group: "core", target: "user"},
	{alias: "account_id", label: "Account", typ: "lookup", group: "core", target: "account"},
	{alias: "contact_id", label: "Contact", typ: "lookup", group: "core", target: "contact"},
	{alias: "type", label: "Type", typ: "select", group: "details", options: []string{"New business", "Renewal", "Upsell"}},
	{alias: "next_step", label: "Next step", typ: "textarea", group: "details"},
	{alias: "demo_at", label: "Demo at", typ: "datetime", group: "details"},
	{alias: "competitors", label: "Competitors", typ: "multiselect", group: "details", options: []string{"In-house", "Velotrack", "Shipwise", "None known"}},
	{alias: "discount_approved", label: "Discount approved", typ: "boolean", group: "details", initial: false},
	{alias: "contract", label: "Contract", typ: "url", group: "details"},
}

func stageChoices() []choice {
	var choices []choice
	for _, s := range stages {
		choices = append(choices, choice{s.id, s.name})
	}
	return choices
}

// finishDeal keeps a deal's stage within its pipeline, and its status and
// probability in step with the stage. What is not given follows from the other:
// a new deal starts at the first stage of the first pipeline.
func finishDeal(_ *call, it *item, bad problems) error {
	pipeline, at := integer(it.data["pipeline_id"]), integer(it.data["stage_id"])
	for _, s := range stages {
		switch {
		case at != 0 && s.id != at, at == 0 && pipeline != 0 && s.pipeline != pipeline:
			continue
		case pipeline != 0 && s.pipeline != pipeline:
			bad.add("stage_id", "Stage %d (%s) belongs to pipeline %d, not %d.", s.id, s.name, s.pipeline, pipeline)
		default:
			it.data["pipeline_id"], it.data["stage_id"] = s.pipeline, s.id
			it.data["status"], it.data["probability"] = s.status, s.probability
		}
		return nil
	}
	return nil
}
