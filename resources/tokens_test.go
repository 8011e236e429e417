package resources_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/tiktoken-go/tokenizer"

	"flexie-mcp/resources"
)

// TestTokens compares the estimate with the real count, on the sorts of text
// that answers are made of: it may be up to a fifth too high, and hardly too
// low.
func TestTokens(t *testing.T) {
	o200k, err := tokenizer.Get(tokenizer.O200kBase)
	require.NoError(t, err)
	for name, text := range map[string]string{
		"a table of people": "30 contacts.\n\nid | first_name | last_name | email | phone | company | status | owner\n" +
			"60 | Luca | Moretti | luca.moretti@fattoria-verdi.example | +390456025240 | Fattoria Verdi | Former customer | John Davies\n" +
			"61 | Zoë | Papadaki | zoe.papadaki@harbourfinch.example | +6126033159 | Harbour & Finch | Customer | John Davies\n" +
			"16 | Agnieszka | Wójcik | agnieszka.wojcik@zielinski-transport.example | +48615676804 | Zieliński Transport | Customer | Kwame Mensah\n",
		"a table of numbers": "id | name | amount | pipeline_id | stage_id | close_date\n17 | Atlas Medical asset register | 94000 | 1 | 2 | 2026-08-01\n" +
			"3 | Nordlys field service | 86000 | 1 | 3 | 2026-07-10\n9 | Sakura engineering licences | 72500 | 1 | 2 | 2026-08-09\n",
		"a table as data": `{"columns":["id","name","amount"],"rows":[["17","Atlas Medical asset register","94000"],["3","Nordlys field service","86000"],["9","Sakura engineering licences","72500"]]}`,
		"values":          "date_added: 2026-02-04 07:06:00\ncreated_by: 4\ncreated_by_user: Kwame Mensah\nowner_id: 4\nfirst_name: David\nlead_score: 86\nlinkedin: https://social.example/in/david-okafor\n",
		"prose":           "We found it: a certificate expired this morning. A fix is being rolled out, and London is done already. Does it happen in a private window as well?\n",
		"German":          "Die Rechnung enthält eine falsche Umsatzsteuernummer; bitte schicken Sie uns eine berichtigte Fassung.\n",
		"Greek":           "Καλημέρα, το τιμολόγιο έχει λάθος αριθμό και χρειαζόμαστε ένα νέο.\n",
		"Japanese":        "請求書の番号が間違っています。新しいものを送ってください。\n",
		"Arabic":          "صباح الخير، رقم الفاتورة خاطئ ونحتاج إلى فاتورة جديدة.\n",
	} {
		text = strings.Repeat(text, 5)
		n, err := o200k.Count(text)
		require.NoError(t, err)
		t.Logf("%s: %d tokens, estimated %d", name, n, resources.Tokens(text))
		ratio := float64(resources.Tokens(text)) / float64(n)
		require.GreaterOrEqual(t, ratio, 0.97, "%s: %d tokens", name, n)
		require.LessOrEqual(t, ratio, map[bool]float64{true: 1.3, false: 2.6}[text[0] < 0x80], "%s: %d tokens", name, n)
	}
}
