/*
 * door.js: what is answered at the door, word for word, and how long an invitation lasts for who is in.
 */
'use strict';

const assert = require('node:assert');
const https = require('node:https');
const fs = require('node:fs');
const path = require('node:path');
const {Peer, parseUrl} = require('./peer.js');
const {Host, mint, run, scratch} = require('./host.js');

/* One request, as it is. */
function ask(host, {method = 'GET', where = '/', headers = {}}) {
	return new Promise((resolve, reject) => {
		const request = https.request(
			{host: '127.0.0.1', port: host.port, path: where, method, headers, rejectUnauthorized: false, agent: false},
			response => {
				let body = '';
				response.on('data', data => (body += data));
				response.on('end', () => resolve({status: response.statusCode, headers: response.headers, body}));
			});
		request.on('upgrade', (response, socket) => {
			socket.destroy();
			resolve({status: 101, headers: {}, body: ''});
		});
		request.on('error', reject);
		request.end();
	});
}

const knock = (host, token, more = {}) => ask(host, {
	where: `/${host.room}`, ...more,
	headers: {
		Upgrade: 'websocket', Connection: 'Upgrade', 'Sec-WebSocket-Version': '13',
		'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==', 'Sec-WebSocket-Protocol': 'codecollab.v1.json',
		...(token === null ? {} : {Authorization: `Bearer ${token}`}), ...more.headers,
	},
});

const now = () => Math.floor(Date.now() / 1000);

async function hosting(...args) {
	const stage = scratch(), file = path.join(stage, 'a.txt'), state = path.join(stage, 'state');
	fs.writeFileSync(file, 'one\n');
	const host = Object.assign(await Host.start({file, state, args}), {state});
	host.token = change => mint(state, {aud: 'codecollab', room: host.room, role: 'editor', exp: now() + 600, jti: 'j', ...change});
	return host;
}

/* RFC 6750, 3. */
const challenge = body => body ? `Bearer error="invalid_token", error_description="${body.trim()}"` : undefined;

/* Who holds a good token learns what became of it; all guesses hear the same. */
async function refusals(host) {
	const stolen = host.token({role: 'owner'}).split('.'), good = host.token({}).split('.');
	const cases = [
		['no token', null, 401, 'missing\n'],
		['an empty token', '', 401, 'missing\n'],
		['no JWT', 'hello', 401, 'invalid\n'],
		['another signature', [good[0], good[1], stolen[2]].join('.'), 401, 'invalid\n'],
		['an expired one under another signature', [...host.token({exp: 1}).split('.').slice(0, 2), good[2]].join('.'), 401, 'invalid\n'],
		['one for another room under another signature', [...host.token({room: 'x'}).split('.').slice(0, 2), good[2]].join('.'), 401, 'invalid\n'],
		['another audience', host.token({aud: 'x'}), 401, 'invalid\n'],
		['no role', host.token({role: undefined}), 401, 'invalid\n'],
		['expired', host.token({exp: now() - 1}), 401, 'expired\n'],
		['not yet', host.token({nbf: now() + 3600}), 401, 'early\n'],
		['another room', host.token({room: 'x'}), 403, 'other-room\n'],
		['good', host.token({}), 101, ''],
	];
	for (const [what, token, status, body] of cases) {
		const answer = await knock(host, token);
		assert.deepEqual([answer.status, answer.body], [status, body], what);
		assert.equal(answer.headers['www-authenticate'], challenge(body), what);
	}
}

async function otherRequests(host) {
	const cases = [
		['a page that is not there', {where: '/no/such/page'}, 404],
		['the root', {where: '/'}, 404],
		['out of the folder', {where: '/../../etc/passwd'}, 404],
		['an encoded way out', {where: '/%2e%2e/%2e%2e/etc/passwd'}, 404],
		['a room without an upgrade', {where: `/${host.room}`}, 404],
		['POST', {where: '/healthz', method: 'POST'}, 405],
		['PUT', {where: `/${host.room}`, method: 'PUT'}, 405],
		['DELETE', {where: '/', method: 'DELETE'}, 405],
		['OPTIONS', {where: '/', method: 'OPTIONS'}, 405],
		['TRACE', {where: '/', method: 'TRACE'}, 405],
	];
	for (const [what, request, status] of cases) {
		const {body, ...answer} = await ask(host, request);
		assert.equal(answer.status, status, what);
		assert.ok(body.length < 64 && !body.includes(host.room), `${what}: ${body}`);
		assert.equal(answer.headers.allow, status === 405 ? 'GET' : undefined, what);
		assert.equal(answer.headers.server, undefined);
	}
	assert.equal((await knock(host, host.token({}), {method: 'POST'})).status, 405);
	assert.equal((await knock(host, host.token({room: '*'}), {where: '/elsewhere'})).status, 404);
	assert.equal((await knock(host, host.token({room: '*'}), {where: `/${host.room}/`})).status, 404);
	assert.equal((await knock(host, host.token({}), {headers: {'Sec-WebSocket-Protocol': 'chat'}})).status, 426);
}

async function tooMany() {
	const host = await hosting('--max-failures', '1'); // a hundred from loopback, where everybody may come from
	let answer;
	for (let i = 0; i <= 100; i++)
		answer = await knock(host, 'hello');
	assert.equal(answer.status, 429);
	assert.ok(Number(answer.headers['retry-after']) > 0);
	assert.equal((await knock(host, host.token({}))).status, 429);
	await host.stop();
}

/* A lower limit holds for whole messages, whatever they say. */
async function sizes() {
	const host = await hosting('--max-message', '768K');
	for (const [bytes, code] of [[(768 << 10) - 100, undefined], [(768 << 10) + 1, 1009]]) {
		const peer = new Peer({url: host.editor, codec: 'json', name: 'Talker'});
		await peer.connect();
		const before = peer.chat.length;
		peer.sendRaw(JSON.stringify({t: 'unheard-of', text: 'x'.repeat(bytes - 30)}).padEnd(bytes));
		peer.send({t: 'say', text: 'here'});
		await peer.until(() => peer.closed || peer.chat.length > before, 'an answer');
		assert.equal(peer.closed?.code, code);
		await peer.close();
	}
	assert.equal(await host.stop(), 0);
	await assert.rejects(hosting('--max-message', '700K'), /--max-message 700K: it must be a number from 786432 to 1048576/);
}

/* In until the token's last second, then told why; another invitation resumes the session, and what was not ordered yet comes. */
async function stays(host, codec) {
	const url = {...parseUrl(host.editor)};
	const witness = new Peer({url: host.owner, codec, name: 'Witness'});
	const guest = new Peer({url: {...url, token: host.token({exp: now() + 3, jti: `short-${codec}`})}, codec, name: 'Guest'});
	const byes = [], leaves = [];
	guest.on('message', m => m.t === 'bye' && byes.push(m));
	witness.on('message', m => m.t === 'leave' && leaves.push(m));
	await witness.connect();
	await guest.connect();
	const {user} = guest, doc = await guest.open();
	doc.insert(0, 'in ');
	await guest.until(() => doc.inStep(), 'the ack');
	await guest.until(() => guest.closed, 'the end of the token');
	assert.deepEqual(guest.closed, {code: 1000, reason: 'expired'});
	assert.deepEqual(byes.map(({code, retry}) => [code, retry]), [['expired', 0]]);
	await witness.until(() => leaves.length, 'the leave');
	assert.deepEqual([leaves[0].user, leaves[0].why], [user, 'expired']);
	await assert.rejects(guest.connect(), {status: 401});
	doc.insert(0, 'typed without ');
	guest.url = {...url, token: host.token({jti: `long-${codec}`})};
	await guest.connect();
	assert.equal(guest.user, user);
	await guest.until(() => doc.inStep(), 'the ack of what was typed meanwhile');
	const seen = await witness.open();
	assert.match(seen.toString(), /^typed without in /);
	await guest.close();
	await witness.close();
}

async function door() {
	const host = await hosting();
	await refusals(host);
	await otherRequests(host);
	await Promise.all([stays(host, 'json'), tooMany(), sizes()]);
	await stays(host, 'binary');
	await host.says(/event=refused peer=127\.0\.0\.1 status=401 why="the token has expired"/);
	await host.says(/event=close .*reason="expired"/);
	assert.equal(await host.stop(), 0, host.words);
}

run(door);
