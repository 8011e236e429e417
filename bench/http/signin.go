package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"

	"golang.org/x/oauth2"
)

const (
	// publicURL is what the server calls itself: it is told before there is a port,
	// and nothing here goes there.
	publicURL = "http://localhost:1"

	// benchKey is for a database that is thrown away.
	benchKey = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

	redirect = "http://127.0.0.1:1/callback"
)

// signIn has a client registered and a person sign in by a key, and gives the
// access token.
func signIn(ctx context.Context, address string) (token string, err error) {
	base := "http://" + address + "/oauth"
	id, err := registerAt(base + "/register")
	if err != nil {
		return "", err
	}
	c := oauth2.Config{ClientID: id, RedirectURL: redirect, Endpoint: oauth2.Endpoint{
		AuthURL: base + "/authorize", TokenURL: base + "/token", AuthStyle: oauth2.AuthStyleInParams,
	}}
	verifier := oauth2.GenerateVerifier()
	back, err := throughPages(c.AuthCodeURL("state", oauth2.S256ChallengeOption(verifier)))
	if err != nil {
		return "", err
	}
	given, err := c.Exchange(ctx, back.Query().Get("code"), oauth2.VerifierOption(verifier))
	if err != nil {
		return "", err
	}
	return given.AccessToken, nil
}

func registerAt(address string) (id string, err error) {
	answer, err := http.Post(address, "application/json", strings.NewReader(
		fmt.Sprintf(`{"client_name":"bench","redirect_uris":[%q],"token_endpoint_auth_method":"none"}`, redirect)))
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	var client struct {
		ID string `json:"client_id"`
	}
	return client.ID, json.NewDecoder(answer.Body).Decode(&client)
}

var hidden = regexp.MustCompile(`<input type="hidden" name="(\w+)" value="([^"]*)"`)

// throughPages allows all and signs in, and gives the address of the answer.
func throughPages(at string) (*url.URL, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	browser := &http.Client{Jar: jar}
	answer, err := browser.Get(at)
	for range 3 {
		if err != nil {
			return nil, err
		}
		page, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err != nil {
			return nil, err
		}
		if to, ok := strings.CutPrefix(answer.Header.Get("Refresh"), "0;url="); ok {
			return url.Parse(to)
		}
		form := url.Values{"answer": {"allow"}, "access": {"write"}, "key": {fmt.Sprintf("%032x", 1)}}
		for _, toolset := range regexp.MustCompile(`name="toolset" value="([^"]*)"`).FindAllStringSubmatch(string(page), -1) {
			form.Add("toolset", toolset[1])
		}
		for _, m := range hidden.FindAllStringSubmatch(string(page), -1) {
			form.Set(m[1], html.UnescapeString(m[2]))
		}
		at := answer.Request.URL.String()
		if answer, err = browser.PostForm(at, form); err != nil {
			return nil, err
		}
	}
	answer.Body.Close()
	return nil, errors.New("the pages do not come to an end")
}
