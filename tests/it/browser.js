// Opens a page in Chromium and says what it does there, over the pipe of the DevTools protocol
// (https://chromedevtools.github.io/devtools-protocol/): no other library is needed.
//
// node browser.js CHROMIUM '{"file": "/a/page.html", "views": [{"width": 360, "scheme": "dark", "picture": "/a/shot.png"}]}'
'use strict';
const { spawn } = require('child_process');
const fs = require('fs');
const os = require('os');
const path = require('path');

const [chromium, text] = process.argv.slice(2);
const wanted = JSON.parse(text);
const home = fs.mkdtempSync(path.join(os.tmpdir(), 'sioway-browser-'));
const flags = ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--remote-debugging-pipe',
  '--no-first-run', '--hide-scrollbars', '--disable-background-networking', `--user-data-dir=${home}`, 'about:blank'];
const browser = spawn(chromium, flags, { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
const [, , , input, output] = browser.stdio;

let last = 0, rest = '';
const waiting = new Map(), heard = [];
output.on('data', chunk => {
  const parts = (rest + chunk.toString('utf8')).split('\0');
  rest = parts.pop();
  for (const part of parts) {
    const message = JSON.parse(part);
    if (message.id) {
      const [done, failed] = waiting.get(message.id);
      waiting.delete(message.id);
      if (message.error) failed(new Error(message.error.message)); else done(message.result);
    } else {
      heard.push(message);
    }
  }
});

function ask(method, params = {}, sessionId) {
  const id = ++last;
  input.write(JSON.stringify({ id, method, params, sessionId }) + '\0');
  return new Promise((done, failed) => waiting.set(id, [done, failed]));
}

async function until(method) {
  while (!heard.some(one => one.method === method)) await new Promise(done => setTimeout(done, 20));
}

// What is wider than the page, unless it is inside of something that scrolls by itself, and what the eye sees.
const LOOK = `(() => {
  const page = document.documentElement;
  const scrolls = node => {
    for (let at = node.parentElement; at && at !== document.body; at = at.parentElement)
      if (getComputedStyle(at).overflowX === 'auto') return true;
    return false;
  };
  const wide = [...document.querySelectorAll('*')].filter(node => {
    const box = node.getBoundingClientRect();
    return box.width > 0 && box.right > page.clientWidth + 1 && !scrolls(node);
  });
  const cut = [...document.querySelectorAll('svg text')].filter(node => {
    const frame = node.ownerSVGElement.getBoundingClientRect(), box = node.getBoundingClientRect();
    return box.left < frame.left - 0.5 || box.right > frame.right + 0.5 || box.bottom > frame.bottom + 0.5;
  });
  const outside = [...document.querySelectorAll('svg rect')].flatMap(frame => {
    const edge = frame.getBoundingClientRect();
    if (!frame.classList.contains('sio-box')) return [];
    return [...frame.ownerSVGElement.querySelectorAll('text')].filter(text => {
      const box = text.getBoundingClientRect(), middle = (box.top + box.bottom) / 2;
      const begins = box.left >= edge.left && box.left < edge.right;
      return begins && middle > edge.top && middle < edge.bottom && box.right > edge.right;
    });
  });
  const named = nodes => nodes.map(node => node.tagName + ': ' + node.textContent.trim().slice(0, 80));
  const color = node => node ? getComputedStyle(node)[node.ownerSVGElement ? 'fill' : 'color'] : null;
  return JSON.stringify({
    overflow: page.scrollWidth - page.clientWidth,
    wide: named(wide), cut: named([...cut, ...outside]),
    title: document.title, text: page.textContent,
    drawings: document.querySelectorAll('svg').length,
    elements: [...new Set([...document.querySelectorAll('*')].map(node => node.tagName.toLowerCase()))].sort(),
    ground: getComputedStyle(document.body || page).backgroundColor,
    ink: color(document.body || page), drawn: color(document.querySelector('svg text')),
    box: color(document.querySelector('svg .sio-box')),
  });
})()`;

async function look() {
  const { targetInfos } = await ask('Target.getTargets');
  const page = targetInfos.find(one => one.type === 'page');
  const { sessionId } = await ask('Target.attachToTarget', { targetId: page.targetId, flatten: true });
  const on = (method, params) => ask(method, params, sessionId);
  for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await on(`${domain}.enable`);
  const found = [];
  for (const view of wanted.views) found.push(await seen(view, on));
  return found;
}

async function seen(view, on) {
  await on('Emulation.setDeviceMetricsOverride',
    { width: view.width, height: 900, deviceScaleFactor: 1, mobile: false });
  await on('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: view.scheme }] });
  heard.length = 0;
  await on('Page.navigate', { url: `file://${wanted.file}` });
  await until('Page.loadEventFired');
  const { result } = await on('Runtime.evaluate', { expression: LOOK });
  if (view.picture) {
    const { data } = await on('Page.captureScreenshot', { captureBeyondViewport: true });
    fs.writeFileSync(view.picture, Buffer.from(data, 'base64'));
  }
  const of = method => heard.filter(one => one.method === method).map(one => one.params);
  const errors = [...of('Log.entryAdded').map(one => one.entry.text), ...of('Runtime.exceptionThrown').map(one =>
    one.exceptionDetails.text), ...of('Runtime.consoleAPICalled').map(one => `console.${one.type}`)];
  const requests = of('Network.requestWillBeSent').map(one => one.request.url);
  return { ...JSON.parse(result.value), errors, requests };
}

const limit = setTimeout(() => end(new Error('Chromium did not answer within 60 s')), 60_000);

function end(error, found) {
  clearTimeout(limit);
  browser.once('exit', () => {
    // What is left of it then is no fault of the page's.
    try { fs.rmSync(home, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 }); } catch { /* as said */ }
    if (error) process.stderr.write(`${error.stack}\n`); else process.stdout.write(JSON.stringify(found));
    process.exitCode = error ? 1 : 0;
  });
  if (error) browser.kill('SIGKILL'); else ask('Browser.close').catch(() => browser.kill('SIGKILL'));
}

browser.once('error', error => { process.stderr.write(`${error.message}\n`); process.exit(1); });
look().then(found => end(null, found), error => end(error));
