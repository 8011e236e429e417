package flexie

import (
	"bytes"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// readAnswer decodes the body of an HTTP answer, or makes an Error of it.
func readAnswer(resp *http.Response, body []byte, write bool) (any, error) {
	status := resp.StatusCode
	if status >= 300 && status < 400 {
		return nil, redirected(resp, write)
	}
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\uFEFF")))
	if len(body) == 0 {
		return nil, emptyAnswer(resp, write)
	}
	answer, err := DecodeJSON(body)
	switch {
	case err != nil && status >= 400:
		return nil, failure(resp, nil, inPlace(status, body), write)
	case err != nil:
		return nil, notJSON(status, body, err, write)
	case status >= 400 || saysError(answer):
		return nil, failure(resp, answer, "", write)
	}
	return answer, nil
}

// emptyAnswer is what an empty body means: done, for a write; for a read, that
// nothing came.
func emptyAnswer(resp *http.Response, write bool) error {
	switch {
	case resp.StatusCode >= 400:
		return failure(resp, nil, "", write)
	case write:
		return nil
	}
	return unreadable(resp.StatusCode, "Flexie answered with nothing at all")
}

func notJSON(status int, body []byte, err error, write bool) *Error {
	e := unreadable(status, fmt.Sprintf("the answer is not whole JSON: %v", err))
	if body[0] == '<' {
		e.Message = fmt.Sprintf("a web page came back instead of an answer (%s): is the base URL the API root, ending in /api?", firstNonEmpty(quotedWords(pageText(body)), "it has no text"))
	}
	e.Uncertain = write
	return e
}

// redirected makes the Error of a redirect that sameHostReads did not follow.
// Only two say that the write is still to be done; the others are what PHP
// frameworks answer once they have acted.
func redirected(resp *http.Response, write bool) *Error {
	to := "elsewhere"
	if location, err := url.Parse(resp.Header.Get("Location")); err == nil && location.Host != "" {
		to = "to " + namedIn(clean(location.Host, longest))
	}
	e := unreadable(resp.StatusCode, fmt.Sprintf("the server redirects %s, which was not followed: it would carry your key along, or do a write twice; check the subdomain or base URL", to))
	e.Uncertain = write && resp.StatusCode != http.StatusTemporaryRedirect && resp.StatusCode != http.StatusPermanentRedirect
	return e
}

// longestWait is the most that a server is believed to ask for.
const longestWait = 24 * time.Hour

// retryAfter reads both forms of the header: seconds, or a date.
func retryAfter(header string) time.Duration {
	if seconds, err := strconv.Atoi(header); err == nil && seconds > 0 {
		return min(time.Duration(min(seconds, 1<<30))*time.Second, longestWait)
	}
	if at, err := http.ParseTime(header); err == nil {
		return min(max(0, time.Until(at).Round(time.Second)), longestWait)
	}
	return 0
}

var (
	pageTitle = regexp.MustCompile(`(?is)<title[^>]*>(.*?)</title>`)
	pageTag   = regexp.MustCompile(`(?s)<[^>]*>`)
)

// inPlace is what came in place of an error of Flexie's. Its own web server
// answers 404 where there is no API; other pages are a proxy's.
func inPlace(status int, body []byte) string {
	text := quotedWords(said(pageText(body)))
	if body[0] != '<' || text == "" || status == http.StatusNotFound {
		return text
	}
	return "a web page came back instead of an answer: " + text
}

// pageText says in a few words what page, or other text, came back.
func pageText(body []byte) string {
	text := strings.ToValidUTF8(string(body[:min(len(body), 4096)]), "")
	if m := pageTitle.FindStringSubmatch(text); m != nil {
		text = m[1]
	}
	return clean(html.UnescapeString(pageTag.ReplaceAllString(text, " ")), 120)
}

func firstNonEmpty(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}
