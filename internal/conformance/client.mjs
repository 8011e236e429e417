// A client made of the official TypeScript SDK does what a client does with a
// workspace, and prints what came of it as JSON. Its arguments:
//   sdk        v1 (@modelcontextprotocol/sdk) or v2 (@modelcontextprotocol/client)
//   transport  stdio, http or sse
//   mode       how v2 settles on a revision: legacy, auto or a revision
//   at         the address of the server, without a path; or, for stdio, the program
//   settings   for stdio, what the program is started with
const [sdk, transport, mode, at, ...settings] = process.argv.slice(2);

const { Client, StdioClientTransport, StreamableHTTPClientTransport, SSEClientTransport, names } = await (sdk === 'v1' ? first() : second());

async function first() {
  const root = '@modelcontextprotocol/sdk';
  const types = await import(`${root}/types.js`);
  return {
    ...(await import(`${root}/client/index.js`)),
    ...(await import(`${root}/client/stdio.js`)),
    ...(await import(`${root}/client/streamableHttp.js`)),
    ...(await import(`${root}/client/sse.js`)),
    // Here handlers are set by the schema of a message, in v2 by its method.
    names: {
      question: types.ElicitRequestSchema,
      toolsChanged: types.ToolListChangedNotificationSchema,
      resourceChanged: types.ResourceUpdatedNotificationSchema,
    },
  };
}

async function second() {
  return {
    ...(await import('@modelcontextprotocol/client')),
    ...(await import('@modelcontextprotocol/client/stdio')),
    names: {
      question: 'elicitation/create',
      toolsChanged: 'notifications/tools/list_changed',
      resourceChanged: 'notifications/resources/updated',
    },
  };
}

// soon fails unless what is waited for comes.
const soon = (what, promise) => Promise.race([
  promise,
  new Promise((_, fail) => setTimeout(() => fail(new Error(`waited in vain for ${what}`)), 20_000).unref()),
]);
const textOf = (answer) => answer.content[0].text;

const did = { questions: [], progress: [] };
const client = new Client({ name: 'typescript', version: sdk }, {
  capabilities: { elicitation: {} },
  ...(sdk === 'v2' && { versionNegotiation: { mode: ['legacy', 'auto'].includes(mode) ? mode : { pin: mode } } }),
});
client.setRequestHandler(names.question, (request) => {
  did.questions.push(request.params.message);
  return { action: 'accept', content: { confirm: true } };
});
const toolsChanged = new Promise((done) => client.setNotificationHandler(names.toolsChanged, () => done(true)));
const resourceChanged = new Promise((done) => client.setNotificationHandler(names.resourceChanged, (n) => done(n.params.uri)));

const ways = {
  stdio: () => new StdioClientTransport({ command: at, args: settings, env: process.env }),
  http: () => new StreamableHTTPClientTransport(new URL(`${at}/mcp`)),
  sse: () => new SSEClientTransport(new URL(`${at}/sse`)),
};
const way = ways[transport]();
way.setProtocolVersion ??= (revision) => { way.protocolVersion = revision; }; // v1 tells nobody else
await client.connect(way);
did.server = client.getServerVersion().name;
did.instructions = client.getInstructions() !== undefined;
did.revision = client.getNegotiatedProtocolVersion?.() ?? way.protocolVersion ?? way._protocolVersion;
const modern = did.revision >= '2026';

const call = (name, args, options) =>
  sdk === 'v1' ? client.callTool({ name, arguments: args }, undefined, options) : client.callTool({ name, arguments: args }, options);

did.tools = (await client.listTools()).tools.map((tool) => tool.name);
const subscribed = 'flexie://contacts/42';
const stream = modern
  ? await client.listen({ toolsListChanged: true, resourceSubscriptions: [subscribed] })
  : await client.subscribeResource({ uri: subscribed });

did.waited = textOf(await call('get_contact', { id: 7 }, { onprogress: (p) => did.progress.push(p.message) }));
did.found = textOf(await call('search_contacts', { search: 'a', limit: 3 }));
did.fields = textOf(await call('describe_contact_fields', {}));
did.toolsChanged = await soon('a change of the tools', toolsChanged);
did.resource = (await client.readResource({ uri: subscribed })).contents[0].text;
did.updated = textOf(await call('update_contact', { id: 42, fields: { city: 'Leeds' } }));
did.resourceChanged = await soon('a change of the resource', resourceChanged);
did.deleted = textOf(await call('delete_contact', { id: 47 }));

did.session = way.sessionId !== undefined;
if (modern) await stream.close();
if (did.session) {
  const session = way.sessionId;
  await way.terminateSession();
  const again = await fetch(`${at}/mcp`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', 'mcp-session-id': session },
    body: '{"jsonrpc":"2.0","id":1,"method":"ping"}',
  });
  did.afterTheEnd = again.status;
}
await client.close();
console.log(JSON.stringify(did));
