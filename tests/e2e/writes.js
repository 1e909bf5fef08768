/*
 * writes.js: every message that a client may send, with every mix of its values, from a viewer: what would change something is
 * refused, and nothing has changed.
 *
 *	node writes.js codecollab-protocol.7
 *
 * The messages are the page's, which tests/unit/net/protocol_page.c holds against the program's own table: one that is new must
 * be judged here before this passes again.
 */
'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const {Peer} = require('./peer.js');
const {Host, eventually, run, scratch} = require('./host.js');
const {fromClient} = require('./wire.js');

const FIRST = 'one\nzwei 字\n😀\n';

/* What is refused to a viewer whatever its fields say; the rest reads, points or talks. */
const refused = {file: ['read-only'], admin: ['forbidden'], edit: ['read-only', 'not-open']};
const open = ['hello', 'open', 'close', 'select', 'activity', 'say', 'seen', 'history', 'diverged'];

function pageTypes(page) {
	const text = fs.readFileSync(page, 'utf8');
	const part = text.slice(text.indexOf('.Sh MESSAGES FROM A CLIENT'), text.indexOf('.Sh MESSAGES FROM THE SERVER'));
	return [...part.matchAll(/^\.It Sy (\w+) Pq (\d+)$/gm)].map(([, name, type]) => [name, Number(type)]);
}

/* By message and field, else by kind. */
const values = ({doc, peer, witness}) => ({
	'file.do': ['create', 'mkdir', 'rename', 'delete', 'save', 'write', ''],
	'admin.do': ['role', 'kick', 'ban', 'lock', 'unlock', 'invite', 'end', 'promote', ''],
	'admin.user': [0, peer.user, witness.user],
	'admin.arg': ['owner', 'editor', 'viewer 1h Mallory', ''],
	'edit.rev': [doc.rev, 0], 'edit.seq': [1, 2],
	'activity.state': ['typing', 'offline', 'owner'],
	'say.text': ['/role 1 owner', ''],
	'hello.session': ['', peer.session],
	path: [doc.path, 'new.txt', '../new.txt'],
	to: ['', 'b.txt'],
	doc: [doc.id, doc.id + 1, 0],
	uint: [0, 1], bool: [false, true], str: ['', 'x'],
	op: [['x'], [-1], [1, 'x', -1], []],
	sel: [[], [[0, 1]]],
	list: [[], [{path: doc.path, rev: doc.rev, seq: 5}]],
});

function* mixes(t, fields, pool, at = 0, message = {t}) {
	const names = Object.keys(fields);
	if (at === names.length) {
		yield {...message};
		return;
	}
	const name = names[at], kind = typeof fields[name] === 'string' ? fields[name] : 'list';
	for (const value of pool[`${t}.${name}`] ?? pool[name] ?? pool[kind])
		yield* mixes(t, fields, pool, at + 1, {...message, [name]: value});
}

async function viewer(host, codec) {
	const peer = new Peer({url: host.viewer, codec, name: 'Viewer'});
	await peer.connect();
	return {peer, doc: await peer.open()};
}

class Witness {
	async arrive(host) {
		this.peer = new Peer({url: host.owner, codec: 'json', name: 'Witness'});
		await this.peer.connect();
		this.doc = await this.peer.open();
		this.text = this.doc.toString();
		this.role = [];
		this.peer.on('message', m => ['role', 'file', 'bye'].includes(m.t) && this.role.push(m));
	}

	/* The text is what it was, by the server's own hash too, and nobody became anything. */
	async unharmed(what) {
		const {doc, peer} = this, rev = doc.rev;
		doc.insert(0, 'w');
		this.text = `w${this.text}`;
		await peer.until(() => doc.inStep(), `ack after ${what}`);
		assert.equal(doc.rev, rev + 1, `${what}: a revision that nobody was told of`);
		assert.equal(doc.server.toString(), this.text, what);
		assert.deepEqual([peer.errors, this.role], [[], []], what);
		assert.ok([...peer.people.values()].every(({name, role}) => name !== 'Viewer' || role === 'viewer'), what);
	}
}

async function message(host, witness, codec, t) {
	let {peer, doc} = await viewer(host, codec), count = 0;
	for (const m of mixes(t, fromClient[t][1], values({doc, peer, witness: witness.peer}))) {
		const seen = peer.errors.length;
		count++;
		peer.send(m);
		if (refused[t]) {
			await peer.until(() => peer.errors.length > seen || peer.closed, `an answer to ${JSON.stringify(m)}`);
			assert.ok(refused[t].includes(peer.errors.at(-1)?.code), `${JSON.stringify(m)}: ${peer.errors.at(-1)?.code}`);
			assert.equal(peer.errors.at(-1).ref, t);
		}
		if (t === 'hello' || count % 40 === 0) { // closed for the one, and for the other not to be too fast
			await peer.close();
			({peer, doc} = await viewer(host, codec));
		}
	}
	await peer.close();
	await witness.unharmed(`${count} of ${t} from a viewer, ${codec}`);
	return count;
}

async function main() {
	const types = pageTypes(process.argv[2]);
	assert.deepEqual(types, Object.entries(fromClient).map(([t, [type]]) => [t, type]));
	assert.deepEqual(types.map(([t]) => t).sort(), [...Object.keys(refused), ...open].sort());

	const stage = scratch(), file = path.join(stage, 'a.txt'), state = path.join(stage, 'state');
	fs.writeFileSync(file, FIRST);
	const host = await Host.start({file, state, args: ['--no-autosave']}), witness = new Witness();
	await witness.arrive(host);
	let count = 0;
	for (const codec of ['json', 'binary'])
		for (const [t] of types)
			count += await message(host, witness, codec, t);

	assert.equal(fs.readFileSync(file, 'utf8'), FIRST); // nobody who may has saved
	assert.deepEqual(fs.readdirSync(stage).sort(), ['a.txt', 'state']);
	assert.doesNotMatch(host.words, /event=save/);
	witness.peer.send({t: 'file', do: 'save', path: 'a.txt', to: ''});
	await eventually(() => fs.readFileSync(file, 'utf8') === witness.text, 'what the witness saved');
	await witness.peer.close();
	assert.equal(await host.stop(), 0, host.words);
	console.log(`${count} messages of viewers: nothing changed`);
}

run(main);
