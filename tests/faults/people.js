/*
 * people.js: people who type words that nobody else types, each once, whole: "<w07.00042>" is the 42nd of person 7, all as long.
 *
 * `known` holds the words that must never be gone: acknowledged to their author, or on somebody else's screen.
 */
'use strict';

const assert = require('node:assert');
const {Peer} = require('../e2e/peer.js');
const {random} = require('../e2e/random.js');

const sleep = ms => new Promise(resolve => setTimeout(resolve, ms));
const wordsIn = s => s.match(/<w\d+\.\d+>/g) ?? [];

class Person {
	constructor(url, index, seed, known) {
		this.dice = random(seed + index);
		this.index = index;
		this.known = known;
		this.peer = new Peer({
			url, name: `p${index}`, codec: index % 2 ? 'json' : 'binary',
			window: index % 4 === 3 ? 1 : Infinity, composes: index % 3 !== 0,
		});
		this.peer.pieces = text => text.match(/<[^<]*/g) ?? [];
		this.count = 0;
		this.sent = new Map(); // seq -> words in it
		this.peer.on('message', m => this.#watch(m));
		this.peer.on('sent', (doc, seq) => this.sent.set(seq, wordsIn(JSON.stringify(doc.inflight.at(-1).op))));
	}

	async arrive() {
		await this.peer.connect();
		this.doc = await this.peer.open();
	}

	#watch(m) {
		if (m.t === 'edit')
			wordsIn(JSON.stringify(m.op)).forEach(word => this.known.add(word));
		if (m.t !== 'ack')
			return;
		for (const [seq, words] of this.sent) // a composed edit answers for all before it
			if (seq <= m.seq) {
				words.forEach(word => this.known.add(word));
				this.sent.delete(seq);
			}
	}

	/* At a random place that is not inside a word. */
	type() {
		const word = `<w${String(this.index).padStart(2, '0')}.${String(++this.count).padStart(5, '0')}>`;
		this.doc.insert(word.length * this.dice.below(this.doc.text.points / word.length + 1), word);
	}

	/* One word each `pause` ms at most. */
	async live(until, pause = 30) {
		while (!until.over) {
			this.type();
			await sleep(this.dice.below(pause));
		}
	}

	/* As an editor does: once more where the server, just up or still busy, reset the line. */
	async comeBack(tries = 20) {
		this.peer.cut();
		try {
			await this.peer.connect();
		} catch (error) {
			if (!tries || !error.message.includes('closed with 1006'))
				throw error;
			await sleep(100);
			await this.comeBack(tries - 1);
		}
	}
}

async function settled(people) {
	await Promise.all(people.map(p => p.peer.until(() => p.doc.inStep(), 'the last ack')));
	const rev = Math.max(...people.map(p => p.doc.rev));
	await Promise.all(people.map(p => p.peer.until(() => p.doc.rev === rev, `revision ${rev}`)));
	return rev;
}

/* Everybody has the same text, and what they know of the server's is the same. */
function assertEqual(people) {
	const text = people[0].doc.toString();
	for (const {doc, index} of people) {
		assert.ok(doc.toString() === text, `person ${index} sees another text`);
		assert.ok(doc.server.toString() === text, `person ${index} knows another server text`);
	}
	return text;
}

/* Nothing but whole words, none twice, each that was typed, and so each that is known. */
function assertWhole(people, known) {
	const text = assertEqual(people), words = wordsIn(text), there = new Set(words);
	assert.ok(words.join('') === text, 'something but whole words');
	assert.equal(there.size, words.length, `twice: ${words.filter((w, i) => words.indexOf(w) !== i)}`);
	assert.deepEqual([...known].filter(word => !there.has(word)), [], 'acknowledged or seen, and lost');
	assert.equal(words.length, people.reduce((sum, p) => sum + p.count, 0), 'every word typed is there');
	return text;
}

module.exports = {Person, assertEqual, assertWhole, settled, sleep};
