// A browser, and a person who fills in what it shows. By itself it follows the
// address that it is given to where the answer goes, and goes there, too:
//   node browser.mjs URL

// open follows the pages of an authorization, and returns the address that the
// answer goes to. The person signs in by a key, and allows a level, or what is
// asked for. Cookies are kept in a Map, as a browser does from one time to the next.
export async function open(address, { key, level, cookies }) {
  let next = [address, { method: 'GET' }];
  for (let pages = 0; pages < 10; pages++) {
    const page = await fetch(next[0], {
      ...next[1],
      redirect: 'manual',
      headers: { ...next[1].headers, cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') },
    });
    for (const cookie of page.headers.getSetCookie()) {
      const [, name, value] = cookie.match(/^([^=]+)=([^;]*)/);
      cookies.set(name, value);
    }
    const html = await page.text();
    const on = page.headers.get('refresh')?.match(/^0;url=(.*)$/)?.[1];
    if (on) return new URL(on);
    if (page.status >= 300 && page.status < 400) {
      next = [new URL(page.headers.get('location'), next[0]), { method: 'GET' }];
    } else if (page.status === 200) {
      next = [next[0], filledIn(html, key, level)];
    } else {
      throw new Error(`${next[0]} answered ${page.status}: ${html}`);
    }
  }
  throw new Error('the pages go round in circles');
}

// filledIn is the form of a page, with what a person answers.
function filledIn(html, key, level) {
  const form = new URLSearchParams({ key, answer: 'allow' });
  for (const [, name, value] of html.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)"/g)) form.set(name, value);
  for (const [, toolset] of html.matchAll(/<input type="checkbox" name="toolset" value="([^"]*)"/g)) form.append('toolset', toolset);
  const access = level ?? html.match(/name="access" value="([^"]*)" checked/)?.[1];
  if (access) form.set('access', access);
  return { method: 'POST', body: form };
}

if (process.argv[1].endsWith('browser.mjs')) {
  const answer = await open(process.argv[2], { key: 'sandbox', cookies: new Map() });
  await fetch(answer);
}
