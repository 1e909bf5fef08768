/*
 * crowd.js: fifty people in one file of 10,000 lines, every second one with a connection that breaks.
 *
 * JSON and binary peers, pipelining and one-at-a-time ones, type ten characters a second each for SECONDS, in bursts at random
 * places, and delete some of what is there. Half of them have their TCP connection destroyed now and then, type on, and come back.
 * Passes when all texts and the saved file are the same, byte for byte. Times are told, not judged.
 *
 *	SECONDS=20 CLIENTS=50 SEED=1 CODECOLLAB=build/codecollab node crowd.js
 *
 * The seed replays every person's decisions (what, where relative to the text, when); how they interleave is the machine's.
 */
'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const {Peer} = require('./peer.js');
const {Host, eventually, run, scratch} = require('./host.js');
const {random} = require('./random.js');

const SECONDS = Number(process.env.SECONDS ?? 5);
const CLIENTS = Number(process.env.CLIENTS ?? 50);
const LINES = Number(process.env.LINES ?? 10000);
const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
const PAUSE_MS = 100;
const LETTERS = [...'abcdefghijklmnopqrstuvwxyz      {}();', '\n', 'é', 'ß', '字', '漢', '😀', 'e\u0301'];

const sent = new Map();  // "user:seq" -> when
const made = new Map();  // rev -> when its author sent it
const toAck = [], toOther = [];

function firstText() {
	const lines = [];
	for (let i = 0; i < LINES; i++)
		lines.push(`${String(i).padStart(6)}  the quick brown föx, 字 ${(i * 7919) % 1000}`);
	return `${lines.join('\n')}\n`;
}

/* One of the crowd: types until told to stop, wherever the connection is. */
class Person {
	constructor(url, index) {
		const dice = random(SEED + index);
		this.dice = dice;
		this.index = index;
		this.breaks = index % 2 === 1;
		this.peer = new Peer({
			url, name: `p${index}`, codec: index % 4 < 2 ? 'json' : 'binary',
			window: index % 5 === 4 ? 1 : Infinity, composes: index % 3 !== 0,
		});
		this.cuts = 0;
		this.typed = 0;
		this.at = 0;
	}

	async arrive() {
		await this.peer.connect();
		this.doc = await this.peer.open();
		this.peer.on('sent', (doc, seq) => sent.set(`${this.peer.user}:${seq}`, performance.now()));
		this.peer.on('message', message => this.measure(message));
	}

	measure(message) {
		if (message.t === 'ack' && !this.breaks) { // a broken connection's wait is its own
			const at = sent.get(`${this.peer.user}:${message.seq}`);
			toAck.push(performance.now() - at);
			made.set(message.rev, at);
		} else if (message.t === 'edit' && this.index === 0) {
			toOther.push([message.rev, performance.now()]);
		}
	}

	key() {
		const {dice, doc} = this;
		if (dice.below(15) === 0)
			this.at = dice.unit();
		const pos = Math.min(Math.floor(this.at * (doc.text.points + 1)), doc.text.points);
		if (dice.below(8) === 0 && pos < doc.text.points)
			doc.remove(pos, Math.min(1 + dice.below(3), doc.text.points - pos));
		else
			doc.insert(pos, LETTERS[dice.below(LETTERS.length)]);
		this.typed++;
	}

	/* Types, and at random moments loses its connection and types on without. */
	async live(end) {
		const {dice} = this;
		for (let due = performance.now(); due < end;) {
			due += dice.unit() * 2 * PAUSE_MS; // a late key does not make the next one late
			await new Promise(resolve => setTimeout(resolve, Math.max(0, due - performance.now())));
			this.key();
			if (this.breaks && !this.coming && dice.below(15) === 0)
				this.coming = this.vanish(dice.below(1000));
		}
		await this.coming;
	}

	async vanish(ms) {
		this.cuts++;
		this.peer.cut();
		await new Promise(resolve => setTimeout(resolve, ms));
		await this.peer.connect();
		this.coming = null;
	}
}

function percentiles(list) {
	const sorted = [...list].sort((a, b) => a - b);
	return [50, 95, 99, 100].map(p => {
		const value = sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * p) / 100))] ?? 0;
		return `p${p} ${value.toFixed(1)}`;
	}).join('  ');
}

function perKey(people, codec) {
	const peers = people.filter(p => p.peer.codec.subprotocol.endsWith(codec)).map(p => p.peer);
	const sum = pick => peers.reduce((total, peer) => total + pick(peer), 0);
	const revisions = peers.reduce((total, peer) => total + peer.docs.values().next().value.rev, 0);
	return `${codec}: ${(sum(p => p.bytes.out) / sum(p => p.bytes.edits)).toFixed(1)} bytes an edit sent, `
		+ `${((sum(p => p.bytes.in) - sum(p => p.arrival)) / revisions).toFixed(1)} a revision received`;
}

async function settled(people) {
	await Promise.all(people.map(p => p.peer.until(() => p.doc.inStep(), 'the last ack')));
	const rev = Math.max(...people.map(p => p.doc.rev));
	await Promise.all(people.map(p => p.peer.until(() => p.doc.rev === rev, `revision ${rev}`)));
	return rev;
}

function compare(people) {
	const [first] = people, text = first.doc.toString();
	for (const {doc, index} of people) {
		assert.ok(doc.toString() === text, `person ${index} sees another text than person ${first.index}`);
		assert.ok(doc.server.toString() === text, `person ${index} knows another server text`);
		assert.equal(doc.text.hash(), first.doc.text.hash());
	}
	return text;
}

async function crowd() {
	console.log(`SEED=${SEED} SECONDS=${SECONDS} CLIENTS=${CLIENTS} LINES=${LINES}`);
	const stage = scratch(), file = path.join(stage, 'crowd.txt');
	fs.writeFileSync(file, firstText());
	const host = await Host.start({file, state: path.join(stage, 'state')});
	const people = Array.from({length: CLIENTS}, (_, i) => new Person(host.editor, i));
	await Promise.all(people.map(p => p.arrive()));
	people.forEach(({peer}) => (peer.arrival = peer.bytes.in));

	const start = performance.now();
	await Promise.all(people.map(p => p.live(start + SECONDS * 1000)));
	const typing = performance.now() - start;
	const rev = await settled(people);
	const settling = performance.now() - start - typing;
	const text = compare(people);
	assert.notEqual(text, firstText());

	const [first] = people;
	first.peer.send({t: 'file', do: 'save', path: first.doc.path, to: ''});
	await first.peer.until(() => first.peer.saved.get(first.doc.id) >= rev, `revision ${rev} on disk`);
	await eventually(() => fs.readFileSync(file, 'utf8') === text, 'the text in the file');
	assert.ok(people.every(p => p.peer.failure === null));

	const total = pick => people.reduce((sum, p) => sum + pick(p), 0);
	console.log(`${total(p => p.typed)} keys, ${rev} revisions, ${total(p => p.cuts)} cuts, `
		+ `${total(p => p.doc.checks)} checks, ${text.length} UTF-16 units; `
		+ `typing ${(typing / 1000).toFixed(1)} s, settling ${(settling / 1000).toFixed(1)} s`);
	console.log(perKey(people, 'json'));
	console.log(perKey(people, 'bin'));
	console.log(`edit to ack, ms:            ${percentiles(toAck)}`);
	console.log(`edit to another person, ms: ${percentiles(toOther.flatMap(([r, t]) => (made.has(r) ? t - made.get(r) : [])))}`);
	await Promise.all(people.map(p => p.peer.close()));
	assert.equal(await host.stop(), 0, `the server's exit: ${host.words}`);
	assert.ok(fs.readFileSync(file, 'utf8') === text, 'the file after the server went');
}

run(crowd);
