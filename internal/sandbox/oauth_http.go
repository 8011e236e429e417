package sandbox

import (
	"cmp"
	"html/template"
	"net/http"
	"net/url"
	"strconv"
	"sync"
)

// Where Flexie has people sign in, beside its API.
const (
	authorizePath = "/oauth2/authorize"
	tokenPath     = "/oauth2/token"
)

func isSignIn(path string) bool { return path == authorizePath || path == tokenPath }

// signIn answers what is beside the API: the page that asks a person, and the
// tokens that come of it.
func (s *Sandbox) signIn(w http.ResponseWriter, r *http.Request) {
	if r.Body != nil {
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	}
	if err := r.ParseForm(); err != nil {
		http.Error(w, "The form can't be read.", http.StatusBadRequest)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	if r.URL.Path == tokenPath {
		s.token(w, r)
		return
	}
	s.consent(w, r)
}

// consent is the page, and what it sends. A program or an address that is not
// known is told so here: nothing is sent to an address that nobody has entered.
func (s *Sandbox) consent(w http.ResponseWriter, r *http.Request) {
	ask := r.Form
	redirect := cmp.Or(s.options.Redirect, Redirect)
	switch {
	case ask.Get("client_id") != ClientID:
		http.Error(w, "No API credential has this client_id.", http.StatusBadRequest)
		return
	case ask.Get("redirect_uri") != redirect:
		http.Error(w, "The redirect_uri is not the one of the API credential, which is "+redirect+".", http.StatusBadRequest)
		return
	}
	answer := url.Values{"state": {ask.Get("state")}}
	user, err := strconv.ParseInt(ask.Get("user"), 10, 64)
	switch method := ask.Get("code_challenge_method"); {
	case ask.Get("response_type") != "code":
		answer.Set("error", "unsupported_response_type")
	case ask.Get("code_challenge") != "" && method != "S256":
		answer.Set("error", "invalid_request")
		answer.Set("error_description", "The code_challenge_method must be S256.")
	case r.Method != http.MethodPost:
		askPerson(w, ask)
		return
	case err != nil || !isPerson(user):
		answer.Set("error", "access_denied")
		answer.Set("error_description", "The user denied access to the application.")
	default:
		answer.Set("code", s.grants.allow(code{user: user, redirect: redirect, challenge: ask.Get("code_challenge")}))
	}
	http.Redirect(w, r, redirect+"?"+answer.Encode(), http.StatusFound)
}

// token is where codes and refresh tokens are turned into tokens.
func (s *Sandbox) token(w http.ResponseWriter, r *http.Request) {
	id, secret, ok := r.BasicAuth()
	if !ok {
		id, secret = r.PostForm.Get("client_id"), r.PostForm.Get("client_secret")
	}
	var tokens object
	var wrong string
	kind := "invalid_grant"
	switch grant := r.PostForm.Get("grant_type"); {
	case r.Method != http.MethodPost:
		kind, wrong = "invalid_request", "The request method must be POST."
	case id != ClientID || secret != ClientSecret:
		kind, wrong = "invalid_client", "The client credentials are invalid."
	case grant == "authorization_code":
		tokens, wrong = s.grants.redeem(r.PostForm.Get("code"), r.PostForm.Get("redirect_uri"), r.PostForm.Get("code_verifier"))
	case grant == "refresh_token":
		tokens, wrong = s.grants.renew(r.PostForm.Get("refresh_token"))
	default:
		kind, wrong = "unsupported_grant_type", "The grant type is not one of authorization_code and refresh_token."
	}
	if s.faults.drops(nil) {
		panic(http.ErrAbortHandler) // what was done stays done
	}
	if wrong != "" {
		respond(w, http.StatusBadRequest, object{{"error", kind}, {"error_description", wrong}})
		return
	}
	respond(w, http.StatusOK, tokens)
}

// signer is one whom the page offers to be.
type signer struct {
	ID   int64
	Name string
}

var signers = []signer{{1, "Elena, the administrator"}, {3, "Sofia, of sales"}, {5, "Priya, of support"}, {7, "Aiko, who may only read"}}

func isPerson(id int64) bool {
	for _, p := range signers {
		if p.ID == id {
			return true
		}
	}
	return false
}

// consentPage is made when it is needed, which at most starts it is not.
var consentPage = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("").Parse(`<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Sandbox: sign in</title>
<h1>A program wants to work in this made-up workspace</h1>
<form method="post" action="/oauth2/authorize">
{{range $name, $values := .Ask}}{{range $values}}<input type="hidden" name="{{$name}}" value="{{.}}">
{{end}}{{end}}<p>Let it act as:</p>
{{range .People}}<p><button name="user" value="{{.ID}}">{{.Name}}</button></p>
{{end}}<p><button name="user" value="0">Nobody: deny</button></p>
</form></html>
`))
})

// askPerson shows the page. No other may put it in a frame.
func askPerson(w http.ResponseWriter, ask url.Values) {
	ask.Del("user")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	_ = consentPage().Execute(w, map[string]any{"Ask": ask, "People": signers})
}
