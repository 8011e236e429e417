package store

// oauthTables are the people who have signed in, and what they let their
// assistants do. Secrets are kept as hashes; what has to be known again, as it is
// encrypted. Times are milliseconds since 1970. internal/authserver uses them.
//
// A person's credential is what Flexie takes for them, by its kind. renewer is who
// renews it at the moment, renewing until when they may be waited for; cut is since
// when an answer to a renewal of it is missing.
//
// Once a code or a refresh token is used, its row stays for as long as somebody
// may send it again, which is how a stolen one shows.
const oauthTables = `
CREATE TABLE oauth_client (
	id TEXT PRIMARY KEY, created BIGINT NOT NULL, used BIGINT NOT NULL, client TEXT NOT NULL);
CREATE INDEX oauth_client_used ON oauth_client (used);
CREATE TABLE oauth_flow (
	id TEXT PRIMARY KEY, browser TEXT NOT NULL, step TEXT NOT NULL, tries BIGINT NOT NULL, expires BIGINT NOT NULL, request TEXT NOT NULL,
	state TEXT NOT NULL, upstream TEXT NOT NULL);
CREATE INDEX oauth_flow_expires ON oauth_flow (expires);
CREATE INDEX oauth_flow_state ON oauth_flow (state);
CREATE TABLE oauth_code (
	code TEXT PRIMARY KEY, used BIGINT NOT NULL, expires BIGINT NOT NULL, gives TEXT NOT NULL, request TEXT NOT NULL);
CREATE INDEX oauth_code_expires ON oauth_code (expires);
CREATE TABLE oauth_person (
	id TEXT PRIMARY KEY, root TEXT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL, credential TEXT NOT NULL, updated BIGINT NOT NULL,
	renewer TEXT NOT NULL, renewing BIGINT NOT NULL, cut BIGINT NOT NULL);
CREATE TABLE oauth_session (
	id TEXT PRIMARY KEY, person TEXT NOT NULL, expires BIGINT NOT NULL);
CREATE INDEX oauth_session_person ON oauth_session (person);
CREATE TABLE oauth_grant (
	id TEXT PRIMARY KEY, person TEXT NOT NULL, client TEXT NOT NULL, access TEXT NOT NULL, resource TEXT NOT NULL,
	created BIGINT NOT NULL, used BIGINT NOT NULL, expires BIGINT NOT NULL, revoked BIGINT NOT NULL, given TEXT NOT NULL);
CREATE INDEX oauth_grant_person ON oauth_grant (person);
CREATE INDEX oauth_grant_expires ON oauth_grant (expires);
CREATE TABLE oauth_token (
	token TEXT PRIMARY KEY, kind TEXT NOT NULL, gives TEXT NOT NULL, access TEXT NOT NULL,
	expires BIGINT NOT NULL, replaced BIGINT NOT NULL, answer TEXT NOT NULL);
CREATE INDEX oauth_token_gives ON oauth_token (gives);
CREATE INDEX oauth_token_expires ON oauth_token (expires);
`
