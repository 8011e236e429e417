// A client made of the official TypeScript SDK signs a person in, with an
// OAuthClientProvider of its own, works as them until all is revoked, and prints
// what came of it as JSON. Its arguments:
//   sdk        v1 (@modelcontextprotocol/sdk) or v2 (@modelcontextprotocol/client)
//   transport  http or sse
//   mode       how v2 settles on a revision: legacy or auto
//   url        of the server, without a path
import { open } from './browser.mjs';

const [sdk, transport, mode, url] = process.argv.slice(2);

const { Client, StreamableHTTPClientTransport, SSEClientTransport, UnauthorizedError, discoverOAuthServerInfo } =
  sdk === 'v1' ? await first() : await import('@modelcontextprotocol/client');

async function first() {
  const root = '@modelcontextprotocol/sdk/client';
  return {
    ...(await import(`${root}/index.js`)),
    ...(await import(`${root}/streamableHttp.js`)),
    ...(await import(`${root}/sse.js`)),
    ...(await import(`${root}/auth.js`)),
  };
}

// Provider is what a client keeps of itself and its tokens.
class Provider {
  kept = {};
  asked = []; // the scopes of each time that the person was asked
  registered = 0;
  person = { key: 'sandbox-sales', level: 'read', cookies: new Map() };

  redirectUrl = 'http://127.0.0.1:33418/callback';
  clientMetadata = {
    client_name: `TypeScript ${sdk}`,
    redirect_uris: [this.redirectUrl],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
  };
  state = () => (this.kept.state = crypto.randomUUID());
  clientInformation = () => this.kept.client;
  saveClientInformation = (client) => {
    if (client.client_id !== this.kept.client?.client_id) this.registered++;
    this.kept.client = client;
  };
  tokens = () => this.kept.tokens;
  saveTokens = (tokens) => (this.kept.tokens = tokens);
  codeVerifier = () => this.kept.verifier;
  saveCodeVerifier = (verifier) => (this.kept.verifier = verifier);
  discoveryState = () => this.kept.discovery;
  saveDiscoveryState = (discovery) => (this.kept.discovery = discovery);
  invalidateCredentials(what) {
    if (what === 'tokens' || what === 'all') this.kept.tokens = undefined;
    if (what === 'client' || what === 'all') this.kept.client = undefined;
  }
  async redirectToAuthorization(to) {
    this.asked.push(to.searchParams.get('scope'));
    this.answer = (await open(to, this.person)).searchParams;
    if (this.answer.get('state') !== this.kept.state) throw new Error('the answer has another state');
  }
}

const provider = new Provider();
const newWay = () =>
  transport === 'sse'
    ? new SSEClientTransport(new URL(`${url}/sse`), { authProvider: provider })
    : new StreamableHTTPClientTransport(new URL(`${url}/mcp`), { authProvider: provider });
let way = newWay();

// signedIn does something, and does it again once the person has answered, if that
// is what it takes: the SDK leaves it to who uses it to go on from there.
async function signedIn(what) {
  try {
    return await what();
  } catch (error) {
    if (!(error instanceof UnauthorizedError)) throw error;
  }
  await (sdk === 'v1' ? way.finishAuth(provider.answer.get('code')) : way.finishAuth(provider.answer));
  return await what();
}

const client = new Client({ name: 'typescript', version: sdk }, sdk === 'v2' ? { versionNegotiation: { mode } } : {});
let connections = 0;
await signedIn(async () => {
  if (connections++ > 0) {
    const from = way;
    way = newWay();
    await from.close();
  }
  await client.connect(way);
});
const call = async (name, args = {}) => (await signedIn(() => client.callTool({ name, arguments: args }))).content[0].text;
const note = { entity_type: 'contact', entity_id: 42, text: `Called by ${sdk}, ${transport}, ${mode}` };
const times = () => provider.asked.length;

const did = { self: await call('get_current_user'), first: provider.kept.tokens.scope };

// A write takes more than the person has allowed. v1 takes a refresh for the answer
// to that, though it gives no more than there was, unless it has nothing to refresh
// with; and over SSE neither SDK asks for more, but shows what the server says.
provider.person.level = undefined;
if (sdk === 'v1' && transport === 'http') delete provider.kept.tokens.refresh_token;
did.wrote = await call('add_note', note).catch((error) => error.message);
did.then = provider.kept.tokens.scope;

// An access token that does not hold any more is renewed without the person.
const before = { ...provider.kept.tokens, asked: times() };
provider.kept.tokens = { ...provider.kept.tokens, access_token: provider.kept.tokens.access_token.slice(0, -4) + 'AAAA' };
did.afterRefresh = await call('get_current_user');
did.rotated = provider.kept.tokens.refresh_token !== before.refresh_token && provider.kept.tokens.access_token !== before.access_token;
did.askedForRefresh = times() - before.asked;

// What is revoked is refused, and the person is asked anew.
const revoked = { ...provider.kept.tokens, asked: times() };
const server = await discoverOAuthServerInfo(`${url}/mcp`);
const { revocation_endpoint } = server.authorizationServerMetadata;
const answer = await fetch(revocation_endpoint, {
  method: 'POST',
  body: new URLSearchParams({ token: revoked.refresh_token, client_id: provider.kept.client.client_id }),
});
did.revoked = answer.status;
const refused = await fetch(`${url}/mcp`, {
  method: 'POST',
  headers: { authorization: `Bearer ${revoked.access_token}`, 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
  body: '{"jsonrpc":"2.0","id":1,"method":"ping"}',
});
did.afterRevocation = refused.status;
did.again = await call('get_current_user');
did.askedAgain = times() - revoked.asked;
did.asked = provider.asked;
did.registered = provider.registered;
await client.close();
console.log(JSON.stringify(did));
