/*
 * viewer.js: whom the server does not let do something, and whom it does not let in.
 *
 * A viewer tries everything that changes anything; peers send what no peer may send; strangers knock. Each is told no in the protocol's
 * words, and the text, the file and the others stay as they were: after every attempt an editor types and is understood.
 */
'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const https = require('node:https');
const path = require('node:path');
const {Peer, connectPinned, parseUrl, upgrade} = require('./peer.js');
const {Host, eventually, mint, run, scratch} = require('./host.js');
const {putStr, putUint} = require('./wire.js');

const FIRST = 'one\nzwei 字\n😀\n';

/* The one who must not be disturbed. */
class Witness {
	async arrive(url) {
		this.peer = new Peer({url, codec: 'json', name: 'Witness'});
		await this.peer.connect();
		this.doc = await this.peer.open();
		this.text = this.doc.toString();
	}

	/* Types a letter; the text is what it was, and that letter. */
	async types(after) {
		assert.equal(this.doc.toString(), this.text, `the text after ${after}`);
		this.doc.insert(0, 'w');
		this.text = `w${this.text}`;
		await this.peer.until(() => this.doc.inStep(), `ack after ${after}`);
		assert.equal(this.doc.server.toString(), this.text, `the server's text after ${after}`);
		assert.deepEqual(this.peer.errors, []);
	}
}

async function arrive(url, codec, name) {
	const peer = new Peer({url, codec, name});
	await peer.connect();
	return [peer, await peer.open()];
}

/* ---- a viewer ---- */

const attempts = [
	['edit', doc => ({t: 'edit', doc: doc.id, rev: doc.rev, seq: 1, op: ['x']}), ['read-only', 'forbidden']],
	['edit that deletes', doc => ({t: 'edit', doc: doc.id, rev: doc.rev, seq: 1, op: [-1]}), ['read-only', 'forbidden']],
	['save', doc => ({t: 'file', do: 'save', path: doc.path, to: ''}), ['read-only', 'forbidden']],
	['create', () => ({t: 'file', do: 'create', path: 'new.txt', to: ''}), ['read-only', 'forbidden']],
	['mkdir', () => ({t: 'file', do: 'mkdir', path: 'new', to: ''}), ['read-only', 'forbidden']],
	['rename', doc => ({t: 'file', do: 'rename', path: doc.path, to: 'b.txt'}), ['read-only', 'forbidden']],
	['delete', doc => ({t: 'file', do: 'delete', path: doc.path, to: ''}), ['read-only', 'forbidden']],
	['open to create', () => ({t: 'open', path: 'new.txt', create: true}), ['read-only', 'forbidden', 'no-such-file']],
	['promotion', (doc, peer) => ({t: 'admin', do: 'role', user: peer.user, arg: 'owner'}), ['forbidden']],
	['kick', () => ({t: 'admin', do: 'kick', user: 1, arg: ''}), ['forbidden']],
	['lock', () => ({t: 'admin', do: 'lock', user: 0, arg: ''}), ['forbidden']],
	['invite', () => ({t: 'admin', do: 'invite', user: 0, arg: 'owner'}), ['forbidden']],
	['end', () => ({t: 'admin', do: 'end', user: 0, arg: ''}), ['forbidden']],
];

async function viewer(host, witness, codec) {
	const [peer, doc] = await arrive(host.viewer, codec, 'Viewer');
	assert.equal(peer.role, 'viewer');
	assert.equal(doc.mode, 'ro');
	for (const [what, make, codes] of attempts) {
		const count = peer.errors.length, message = make(doc, peer);
		peer.send(message);
		await peer.until(() => peer.errors.length > count, `answer to ${what}`);
		const {code, ref} = peer.errors.at(-1);
		assert.ok(codes.includes(code), `${what}: ${code}`);
		assert.equal(ref, message.t);
		assert.ok(peer.online, `${what} keeps the connection`);
		await witness.types(`a viewer's ${what}`);
		await peer.until(() => doc.toString() === witness.text, `the edit after ${what}`);
	}
	assert.equal(witness.peer.people.get(peer.user).role, 'viewer');
	await peer.close();
}

/* An editor is no owner. */
async function editorIsNoOwner(host, witness) {
	const [peer] = await arrive(host.editor, 'binary', 'Editor');
	for (const what of ['kick', 'ban', 'lock', 'end', 'role', 'invite']) {
		const count = peer.errors.length;
		peer.send({t: 'admin', do: what, user: witness.peer.user, arg: 'viewer'});
		await peer.until(() => peer.errors.length > count, `answer to ${what}`);
		assert.equal(peer.errors.at(-1).code, 'forbidden', what);
	}
	await peer.close();
	await witness.types('an editor who wants to be owner');
}

/* ---- frames that no peer may send ---- */

function frame(type, ...fields) {
	const body = [type], head = [];
	for (const field of fields)
		typeof field === 'string' ? putStr(body, field) : body.push(field);
	putUint(head, body.length);
	return Buffer.from([...head, ...body]);
}

const edit = (doc, op, more) => JSON.stringify({t: 'edit', doc: doc.id, rev: doc.rev, seq: 1, op, ...more});
const form = ['bad-message', 'bad-op'];

const hostileJson = [
	['no JSON', () => 'hello?', ['bad-message']],
	['a list', () => '[]', ['bad-message']],
	['no name', () => '{"doc":1}', ['bad-message']],
	['a name that is a number', () => '{"t":4}', ['bad-message']],
	['an edit without its op', doc => `{"t":"edit","doc":${doc.id},"rev":0,"seq":1}`, ['bad-message']],
	['a negative revision', doc => edit(doc, ['x'], {rev: -1}), ['bad-message']],
	['half a revision', doc => edit(doc, ['x'], {rev: 0.5}), ['bad-message']],
	['a huge number', doc => `{"t":"edit","doc":${doc.id},"rev":1e300,"seq":1,"op":["x"]}`, ['bad-message']],
	['a retain of zero', doc => edit(doc, [0, 'x']), form],
	['an empty insertion', doc => edit(doc, ['']), form],
	['two retains', doc => edit(doc, [1, 1, 'x']), form],
	['two insertions', doc => edit(doc, ['x', 'y']), form],
	['a trailing retain', doc => edit(doc, ['x', 1]), form],
	['a deletion before an insertion', doc => edit(doc, [-1, 'x']), form],
	['U+0000', doc => edit(doc, ['a\0b']), form],
	['half a surrogate pair', doc => `{"t":"edit","doc":${doc.id},"rev":${doc.rev},"seq":1,"op":["\\ud83d"]}`, form],
	['a deep nest', () => '['.repeat(100000), ['bad-message']],
	['an edit past the end', doc => edit(doc, [doc.text.points + 1, 'x']), ['bad-op']],
	['a deletion past the end', doc => edit(doc, [-doc.text.points - 1]), ['bad-op']],
	['a deletion of 2^40', doc => edit(doc, [-(2 ** 40)]), form],
	['a revision to come', doc => edit(doc, ['x'], {rev: doc.rev + 1}), ['bad-op', 'stale-rev', 'bad-message']],
	['an edit out of turn', doc => edit(doc, ['x'], {seq: 3}), ['bad-op', 'bad-message']],
	['a second hello', () => '{"t":"hello","v":1,"name":"x","color":"","session":"","docs":[]}', ['bad-message']],
];

const hostileBinary = [
	['a length that is cut off', () => Buffer.from([0x80]), ['bad-message']],
	['a length past the frame', () => Buffer.from([9, 4, 1]), ['bad-message']],
	['a length of eleven bytes', () => Buffer.alloc(11, 0xff), ['bad-message']],
	['an empty message', () => Buffer.from([0]), ['bad-message']],
	['an edit without its op', doc => frame(4, doc.id, 0, 1), ['bad-message']],
	['a component of kind 3', doc => frame(4, doc.id, 0, 1, 1, 1 << 2 | 3), form],
	['a retain of zero', doc => frame(4, doc.id, 0, 1, 2, 0, 1 << 2 | 2, 0x78), form],
	['text that is not UTF-8', doc => frame(4, doc.id, 0, 1, 1, 1 << 2 | 2, 0xff), form],
	['more components than bytes', doc => frame(4, doc.id, 0, 1, 0xff, 0xff, 0xff, 0x7f), ['bad-message']],
	['a path that is not UTF-8', () => frame(2, 2, 0xc0, 0xaf, 0), ['bad-message']],
	['a bool of 2', () => frame(2, 'a', 2), ['bad-message']],
];

async function hostile(host, witness, codec, [what, make, codes]) {
	const [peer, doc] = await arrive(host.editor, codec, 'Hostile');
	peer.sendRaw(make(doc));
	await peer.until(() => peer.closed, `close after ${what}`);
	assert.equal(peer.closed.code, 1008, `${codec}, ${what}: closed with ${peer.closed.code} ${peer.closed.reason}`);
	assert.ok(codes.includes(peer.errors.at(-1)?.code), `${codec}, ${what}: ${JSON.stringify(peer.errors)}`);
	await witness.types(what);
}

/* What is unknown is skipped: either side may be newer. */
async function newer(host, witness) {
	const [one, doc] = await arrive(host.editor, 'json', 'Newer');
	one.sendRaw('{"t":"from-the-future","x":[1]}');
	one.sendRaw(edit(doc, ['n'], {mood: 'good'}));
	await one.until(() => one.closed, 'answer').catch(() => {}); // it never sent that edit itself: the ack surprises it
	assert.match(String(one.failure), /ack of 1/, 'the edit with one field more was ordered');
	witness.text = `n${witness.text}`;
	await witness.peer.until(() => witness.doc.toString() === witness.text, 'the edit of a newer peer');

	const [two, other] = await arrive(host.editor, 'binary', 'Newer');
	two.sendRaw(Buffer.concat([frame(63, 1, 2, 3), frame(4, other.id, other.rev, 1, 1, 1 << 2 | 2, 0x6d, 9, 9)]));
	witness.text = `m${witness.text}`;
	await witness.peer.until(() => witness.doc.toString() === witness.text, 'the edit of a newer binary peer');
	two.cut();
}

/* The other kind of frame is what RFC 6455 has 1003 for. */
async function otherKind(host, witness) {
	for (const [codec, frame] of [['json', Buffer.from('{}')], ['binary', '{}']]) {
		const [peer] = await arrive(host.editor, codec, 'Other');
		peer.sendRaw(frame);
		await peer.until(() => peer.closed, 'the close');
		assert.ok([1003, 1008].includes(peer.closed.code), `${codec}: ${peer.closed.code}`);
		await witness.types('the other kind of frame');
	}
}

async function tooLarge(host, witness) {
	for (const codec of ['json', 'binary']) {
		const [peer] = await arrive(host.editor, codec, 'Large');
		const text = 'x'.repeat((1 << 20) + 4096);
		peer.sendRaw(codec === 'json' ? JSON.stringify({t: 'say', text}) : frame(7, text));
		await peer.until(() => peer.closed, 'the close after a message over 1 MiB');
		await witness.types('a message over 1 MiB');
	}
}

/* ---- at the door ---- */

async function knock(host, {token, room, subprotocols = ['codecollab.v1.json'], headers}) {
	const url = parseUrl(host.editor);
	const authorization = token === null ? {} : {Authorization: `Bearer ${token ?? url.token}`};
	try {
		const ws = await upgrade(url, {subprotocols, headers: {...authorization, ...headers}, path: room});
		ws.terminate();
		return 101;
	} catch (error) {
		if (error.status)
			return error.status;
		throw error;
	}
}

async function door(host, state) {
	const url = parseUrl(host.editor), now = Math.floor(Date.now() / 1000);
	const claims = {aud: 'codecollab', room: host.room, role: 'editor', sub: 'm', name: 'Minted', iat: now, exp: now + 600, jti: 'j'};
	const minted = change => ({token: mint(state, {...claims, ...change})});
	const tampered = url.token.split('.');
	tampered[1] = Buffer.from(JSON.stringify({...claims, role: 'owner'})).toString('base64url');
	const none = `${Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')}.${tampered[1]}.`;
	const cases = [
		['the URL as it is', {}, 101],
		['the other codec', {subprotocols: ['codecollab.v1.bin']}, 101],
		['a browser', {token: null, subprotocols: ['codecollab.v1.json', `bearer.${url.token}`]}, 101],
		['a minted token', minted({}), 101],
		['a token for all rooms', minted({room: '*'}), 101],
		['several audiences', minted({aud: ['other', 'codecollab']}), 101],
		['no token', {token: null}, 401],
		['an empty token', {token: ''}, 401],
		['no JWT', {token: 'hello'}, 401],
		['a bad signature', {token: `${url.token.slice(0, -4)}AAAA`}, 401],
		['other claims under the signature', {token: tampered.join('.')}, 401],
		['alg none', {token: none}, 401],
		['an expired token', minted({iat: now - 7200, exp: now - 3600}), 401],
		['a token without exp', minted({exp: undefined}), 401],
		['a token not valid yet', minted({nbf: now + 3600}), 401],
		['another audience', minted({aud: 'somebody-else'}), 401],
		['a token for another room', minted({room: 'another-room'}), 403],
		['no such room', {...minted({room: '*'}), room: 'no-such-room'}, 404],
		['no subprotocol', {subprotocols: []}, 426],
		['an unknown subprotocol', {subprotocols: ['chat']}, 426],
		['a wrong Basic header', {token: null, headers: {Authorization: 'Basic YTpi'}}, 401],
	];
	for (const [what, how, status] of cases)
		assert.equal(await knock(host, how), status, what);
}

/* A token with a role of its own gives that role, whatever the URL's says. */
async function roles(host, state) {
	const url = parseUrl(host.editor), exp = Math.floor(Date.now() / 1000) + 600;
	for (const role of ['owner', 'editor', 'viewer']) {
		const token = mint(state, {aud: 'codecollab', room: host.room, role, sub: 'm', name: 'Minted', iat: exp - 600, exp});
		const peer = new Peer({url: {...url, token}, codec: 'json', name: 'ignored'});
		await peer.connect();
		assert.equal(peer.role, role);
		assert.equal(peer.people.get(peer.user).name, 'Minted');
		await peer.close();
	}
}

async function wrongPin(host) {
	const pin = Buffer.alloc(32).toString('base64url');
	await assert.rejects(connectPinned({...parseUrl(host.editor), pin}), /another key/);
}

function get(host, where) {
	return new Promise((resolve, reject) => {
		const url = {host: '127.0.0.1', port: host.port, path: where, rejectUnauthorized: false};
		https.get(url, response => {
			let body = '';
			response.on('data', data => (body += data));
			response.on('end', () => resolve({status: response.statusCode, body}));
		}).on('error', reject);
	});
}

async function plainHttp(host) {
	const health = await get(host, '/healthz');
	assert.equal(health.status, 200);
	assert.equal(health.body.trim(), 'ok');
	const metrics = await get(host, '/metrics');
	assert.equal(metrics.status, 200);
	assert.match(metrics.body, /^# TYPE codecollab_\w+ (gauge|counter)$/m);
	assert.equal((await get(host, '/no-such-page')).status, 404);
	assert.ok([400, 404, 426].includes((await get(host, `/${host.room}`)).status), 'a room without an upgrade');
}

async function viewers() {
	const stage = scratch(), file = path.join(stage, 'a.txt'), state = path.join(stage, 'state');
	fs.writeFileSync(file, FIRST);
	const host = await Host.start({file, state});
	const witness = new Witness();
	await witness.arrive(host.editor);

	await viewer(host, witness, 'json');
	await viewer(host, witness, 'binary');
	await editorIsNoOwner(host, witness);
	for (const one of hostileJson)
		await hostile(host, witness, 'json', one);
	for (const one of hostileBinary)
		await hostile(host, witness, 'binary', one);
	await newer(host, witness);
	await otherKind(host, witness);
	await tooLarge(host, witness);
	await door(host, state);
	await roles(host, state);
	await wrongPin(host);
	await plainHttp(host);

	witness.peer.send({t: 'file', do: 'save', path: witness.doc.path, to: ''});
	await eventually(() => fs.readFileSync(file, 'utf8') === witness.text, 'the text in the file');
	assert.deepEqual(fs.readdirSync(stage).sort(), ['a.txt', 'state']);
	await witness.peer.close();
	assert.equal(await host.stop(), 0, host.words);
	console.log(`${2 * attempts.length} attempts of viewers, ${hostileJson.length + hostileBinary.length} hostile frames: all refused`);
}

run(viewers);
