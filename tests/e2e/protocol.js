/*
 * protocol.js: what codecollab-protocol(7) promises about order, coming back, carets and proofs, tried by independent peers.
 */
'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const {Peer} = require('./peer.js');
const {Host, eventually, run, scratch} = require('./host.js');
const {points} = require('./ot.js');
const {random} = require('./random.js');

const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));

/* A server on a file with this text, in a folder of its own. */
async function hosting(text) {
	const stage = scratch(), file = path.join(stage, 'a.txt'), state = path.join(stage, 'state');
	fs.writeFileSync(file, text);
	return Object.assign(await Host.start({file, state}), {file, state});
}

async function arrive(host, codec, name, more = {}) {
	const peer = new Peer({url: host.editor, codec, name, ...more});
	await peer.connect();
	const doc = await peer.open();
	return {peer, doc};
}

/* Until nothing is on its way to or from any of them; then all texts are one. */
async function settle(...people) {
	await Promise.all(people.map(({peer, doc}) => peer.until(() => doc.inStep(), 'the acks')));
	const rev = Math.max(...people.map(({doc}) => doc.rev));
	await Promise.all(people.map(({peer, doc}) => peer.until(() => doc.rev === rev, `revision ${rev}`)));
	for (const {doc} of people) {
		assert.equal(doc.toString(), people[0].doc.toString());
		assert.equal(doc.server.toString(), doc.toString());
	}
	return people[0].doc.toString();
}

const cases = {
	/* Letters of two who type at one spot at once: the runs stay whole, the lower user id's first. */
	async 'runs at one spot'() {
		for (const codecs of [['json', 'json'], ['binary', 'binary'], ['json', 'binary'], ['binary', 'json']]) {
			const host = await hosting('><');
			const [a, b] = [await arrive(host, codecs[0], 'Ada'), await arrive(host, codecs[1], 'Bea')];
			assert.ok(a.peer.user < b.peer.user);
			for (let i = 0; i < 20; i++) {
				a.doc.insert(1 + i, 'a');
				b.doc.insert(1 + i, 'b');
			}
			assert.equal(await settle(a, b), `>${'a'.repeat(20)}${'b'.repeat(20)}<`);
			await host.stop();
		}
	},

	/* An insertion inside what another deletes at the same time survives. */
	async 'insert in a deleted range'() {
		const host = await hosting('abcdef');
		const [a, b] = [await arrive(host, 'json', 'Ada'), await arrive(host, 'binary', 'Bea')];
		a.doc.remove(1, 4);
		b.doc.insert(3, '字😀');
		assert.equal(await settle(a, b), 'a字😀f');
		await host.stop();
	},

	/* What a sender sends once is ordered once, however often it arrives. */
	async 'exactly once'() {
		const host = await hosting('');
		const [a, b] = [await arrive(host, 'json', 'Ada'), await arrive(host, 'binary', 'Bea')];
		a.doc.insert(0, 'once');
		a.peer.send({t: 'edit', doc: a.doc.id, rev: 0, seq: 1, op: ['once']});
		await settle(a, b);
		a.doc.insert(4, '.');
		assert.equal(await settle(a, b), 'once.');
		assert.equal(a.doc.rev, 2);
		await host.stop();
	},

	/* Edits made without a connection, and edits whose fate was unknown when it broke. */
	async 'coming back'() {
		const dice = random(SEED), host = await hosting('0123456789\n'.repeat(20));
		const [a, b] = [await arrive(host, 'binary', 'Ada'), await arrive(host, 'json', 'Bea')];
		const typed = {a: 0, b: 0};
		const type = (who, letter) => {
			who.doc.insert(dice.below(who.doc.text.points + 1), letter);
			typed[letter]++;
		};
		for (let round = 0; round < 30; round++) {
			for (let i = dice.below(5); i >= 0; i--)
				type(a, 'a');
			a.peer.composes = dice.below(2) === 0;
			a.peer.cut();
			for (let i = dice.below(5); i >= 0; i--)
				type(a, 'a');
			for (let i = dice.below(5); i >= 0; i--)
				type(b, 'b');
			await a.peer.connect();
			type(a, 'a');
			if (dice.below(2))
				await settle(a, b);
		}
		const text = await settle(a, b);
		assert.equal(text.replaceAll(/[^ab]/g, '').length, typed.a + typed.b);
		assert.equal(text.replaceAll(/[ab]/g, ''), '0123456789\n'.repeat(20));
		assert.equal([...text].filter(c => c === 'b').length, typed.b);
		assert.equal(b.peer.people.size, 2, 'one person, however often the connection broke');
		await host.stop();
	},

	/* The others see who is away and who is back, under one user id. */
	async 'presence'() {
		const host = await hosting('x');
		const a = await arrive(host, 'json', 'Ada'), b = await arrive(host, 'binary', 'Bea');
		const {user} = b.peer;
		await a.peer.until(() => a.peer.people.has(user), 'Bea');
		assert.equal(a.peer.people.get(user).name, 'Bea');
		assert.equal(b.peer.people.get(a.peer.user).name, 'Ada');
		assert.notEqual(a.peer.people.get(user).color, a.peer.people.get(a.peer.user).color);
		b.peer.cut();
		await a.peer.until(() => a.peer.people.get(user).state === 'offline', 'offline');
		await b.peer.connect();
		assert.equal(b.peer.user, user);
		await a.peer.until(() => a.peer.people.get(user).state !== 'offline', 'back');
		b.peer.send({t: 'activity', state: 'typing'});
		await a.peer.until(() => a.peer.people.get(user).state === 'typing', 'typing');
		b.peer.send({t: 'say', text: 'hello 字'});
		await a.peer.until(() => a.peer.chat.some(said => said.text === 'hello 字' && said.user === user), 'the chat');
		await b.peer.close();
		await a.peer.until(() => !a.peer.people.has(user), 'gone');
		await host.stop();
	},

	/* Everybody, and who opens afterwards, has the same carets at the same places. */
	async 'carets'() {
		const dice = random(SEED), host = await hosting('the quick brown fox\n'.repeat(10));
		const people = [];
		for (const codec of ['json', 'binary', 'json'])
			people.push(await arrive(host, codec, `p${people.length}`));
		for (let i = 0; i < 300; i++) {
			const {doc} = people[dice.below(3)], size = doc.text.points;
			const pos = dice.below(4) ? (doc.caret?.[0][1] ?? 0) : dice.below(size + 1);
			if (dice.below(4) === 0)
				doc.select([[dice.below(size + 1), dice.below(size + 1)]]);
			else if (dice.below(3) === 0 && pos < size)
				doc.remove(pos, Math.min(size - pos, 1 + dice.below(4)));
			else
				doc.insert(pos, 'é');
			if (dice.below(3) === 0)
				await new Promise(resolve => setImmediate(resolve));
		}
		await settle(...people);
		for (const {doc} of people)
			doc.select(doc.caret ?? [[0, 0]]);
		for (const {doc} of people)
			doc.insert(dice.below(doc.text.points), 'ß');
		await settle(...people);
		const late = await arrive(host, 'binary', 'late');
		for (const {peer, doc} of people) {
			const mine = JSON.stringify(doc.caret);
			for (const other of people) {
				if (other.peer === peer)
					continue;
				const theirs = () => JSON.stringify(other.doc.carets.get(peer.user)) === mine;
				await other.peer.until(theirs, `${peer.hello.name}'s caret at ${mine} for ${other.peer.hello.name}`);
			}
			assert.equal(JSON.stringify(late.doc.carets.get(peer.user)), mine);
		}
		await host.stop();
	},

	/* A document of several chunks, with characters of all widths, opened in both codecs; edits to it while others open it. */
	async 'long document'() {
		const text = 'aé字😀\n'.repeat(120000), host = await hosting(text);
		const a = await arrive(host, 'json', 'Ada');
		assert.equal(a.doc.toString(), text);
		const b = new Peer({url: host.editor, codec: 'binary', name: 'Bea'});
		await b.connect();
		const opening = b.open();
		for (let i = 0; i < 50; i++)
			a.doc.insert(a.doc.text.points - 7 * i, '!');
		const doc = await opening;
		const after = await settle(a, {peer: b, doc});
		assert.equal(points(after), points(text) + 50);
		await host.stop();
	},

	/* What an owner may ask and cannot have is refused, and the connection stays: only malformed messages and edits end it. */
	async 'refused wishes'() {
		const host = await hosting('text');
		for (const codec of ['json', 'binary']) {
			const ada = new Peer({url: host.owner, codec, name: 'Ada'});
			await ada.connect();
			const wishes = [['role', 9999, 'viewer'], ['role', ada.user, 'viewer'], ['role', ada.user, 'king'], ['kick', 9999, ''],
				['kick', ada.user, ''], ['ban', 9999, ''], ['ban', ada.user, ''], ['invite', 0, 'king'], ['dance', 0, '']];
			for (const [i, [verb, user, arg]] of wishes.entries()) {
				ada.send({t: 'admin', do: verb, user, arg});
				await ada.until(() => ada.errors.length > i, `the answer to ${verb}`);
				const {code, ref, text} = ada.errors[i];
				assert.deepEqual({code, ref}, {code: 'forbidden', ref: 'admin'}, text);
			}
			assert.ok((await ada.open()).open);
			await ada.close();
		}
		await host.stop();
	},

	/* A room that is full may have a place later: who is turned away is told to come back then. */
	async 'a full room'() {
		const stage = scratch(), file = path.join(stage, 'a.txt');
		fs.writeFileSync(file, 'text');
		const host = await Host.start({file, state: path.join(stage, 'state'), args: ['--max-people', '1']});
		for (const codec of ['json', 'binary']) {
			const ada = new Peer({url: host.owner, codec, name: 'Ada'}), ben = new Peer({url: host.editor, codec, name: 'Ben'});
			await ada.connect();
			await ben.connect().catch(() => {});
			await ben.until(() => ben.closed, 'the close');
			assert.equal(ben.errors[0].code, 'too-large');
			assert.equal(ben.closed.code, 1013);
			await ada.close();
			await ben.connect();
			await ben.close();
		}
		await host.stop();
	},

	/* Whoever opens the address in a browser learns what it is, and not which rooms there are. */
	async 'a browser'() {
		const host = await hosting('text');
		const [root, room, none] = await Promise.all(['/', `/${host.room}`, '/no-such-room'].map(where => host.get(where)));
		assert.equal(root.status, 404);
		assert.match(root.body, /codecollab join/);
		assert.deepEqual(room, root);
		assert.deepEqual(none, root);
		await host.stop();
	},

	/* What cannot be saved is told once while it saves by itself, and to whoever asks for it, each time. */
	async 'no place to save'() {
		const host = await hosting('text');
		const a = await arrive(host, 'json', 'Ada');
		fs.unlinkSync(host.file);
		fs.mkdirSync(host.file);
		a.doc.insert(0, '>');
		const told = () => a.peer.errors.filter(e => e.code === 'internal').length;
		for (let count = 1; count <= 3; count++) {
			await a.peer.until(() => told() === count, `word ${count} of it`);
			a.peer.send({t: 'file', do: 'save', path: a.doc.path, to: ''});
		}
		fs.rmdirSync(host.file);
		a.peer.send({t: 'file', do: 'save', path: a.doc.path, to: ''});
		await eventually(() => fs.existsSync(host.file) && fs.readFileSync(host.file, 'utf8') === '>text', 'the save');
		await host.stop();
	},

	/* Who opens twice, closes and opens again has one text; what is not open is refused. */
	async 'open and close'() {
		const host = await hosting('text');
		const a = await arrive(host, 'json', 'Ada'), b = await arrive(host, 'binary', 'Bea');
		a.peer.send({t: 'close', doc: a.doc.id});
		a.peer.send({t: 'edit', doc: a.doc.id, rev: 0, seq: 1, op: ['x']});
		await a.peer.refusal('not-open');
		b.doc.insert(4, '!');
		await settle(b);
		a.doc.open = false;
		const again = await a.peer.open(a.doc.path);
		assert.equal(again.toString(), 'text!');
		again.insert(0, '>');
		assert.equal(await settle(a, b), '>text!');
		await assert.rejects(a.peer.open('no-such-file'), /no-such-file|bad-path/);
		await assert.rejects(a.peer.open('../../etc/passwd'), /no-such-file|bad-path/);
		await host.stop();
	},

	/* `diverged` brings the text afresh; what was not acknowledged is kept. */
	async 'diverged'() {
		const host = await hosting('text');
		const a = await arrive(host, 'json', 'Ada'), b = await arrive(host, 'binary', 'Bea');
		a.doc.insert(0, '-');
		await settle(a, b);
		b.doc.insert(5, '!');
		await settle(a, b);
		a.peer.keepsLog = true;
		a.peer.send({t: 'diverged', doc: a.doc.id, rev: a.doc.rev});
		await a.peer.until(() => a.peer.log.some(m => m.t === 'opened'), 'opened');
		a.doc.insert(0, '>');
		assert.equal(await settle(a, b), '>-text!');
		await host.stop();
	},

	/* History tells who wrote what, in order, and applied from the start it makes the text. */
	async 'history'() {
		const host = await hosting('');
		const a = await arrive(host, 'json', 'Ada'), b = await arrive(host, 'binary', 'Bea');
		for (let i = 0; i < 10; i++)
			(i % 2 ? a : b).doc.insert(0, i % 2 ? 'a' : 'b');
		const text = await settle(a, b);
		for (const {peer, doc} of [a, b]) {
			peer.keepsLog = true;
			peer.send({t: 'history', doc: doc.id, from: 0, to: doc.rev});
			const past = await peer.until(() => peer.log.find(m => m.t === 'history'), 'history');
			const replayed = new doc.text.constructor('');
			past.edits.forEach(e => replayed.apply(e.op));
			assert.equal(replayed.toString(), text);
			assert.deepEqual(past.edits.map(e => e.rev), Array.from({length: 10}, (_, i) => i + 1));
			assert.ok(past.edits.every(e => e.name === (e.user === a.peer.user ? 'Ada' : 'Bea')));
		}
		await host.stop();
	},

	/* kill -9 loses nothing that was acknowledged, and what was not is sent again: same session, same state folder. */
	async 'server killed'() {
		let host = await hosting('start\n');
		const {file, state, port} = host;
		const a = await arrive(host, 'binary', 'Ada'), b = await arrive(host, 'json', 'Bea');
		for (let round = 0; round < 5; round++) {
			for (let i = 0; i < 30; i++) {
				a.doc.insert(a.doc.text.points, 'a');
				b.doc.insert(0, 'b');
			}
			await host.stop('SIGKILL');
			a.doc.insert(0, 'A');
			b.doc.insert(0, 'B');
			await Promise.all([a, b].map(({peer}) => peer.until(() => peer.closed, 'the end of the connection')));
			host = await Host.start({file, state, listen: `127.0.0.1:${port}`});
			assert.equal(host.port, port);
			await Promise.all([a.peer.connect(), b.peer.connect()]);
		}
		const text = await settle(a, b);
		const count = letter => [...text].filter(c => c === letter).length;
		assert.deepEqual(['A', 'B', 'b'].map(count), [5, 5, 150]);
		assert.equal(count('a'), 151);
		await eventually(() => fs.readFileSync(file, 'utf8') === text, 'the text in the file');
		assert.equal(await host.stop(), 0, host.words);
		assert.equal(fs.readFileSync(file, 'utf8'), text);
	},

	/* Somebody else writes the file while people edit it: that is merged like an edit. */
	async 'file changed outside'() {
		const host = await hosting('one\ntwo\nthree\n');
		const a = await arrive(host, 'json', 'Ada');
		a.doc.insert(0, 'zero\n');
		await eventually(() => fs.readFileSync(host.file, 'utf8') === 'zero\none\ntwo\nthree\n', 'the first save');
		fs.writeFileSync(host.file, 'zero\none\ntwo\nthree\nfour\n');
		await a.peer.until(() => a.doc.toString() === 'zero\none\ntwo\nthree\nfour\n', 'what was written outside');
		a.doc.insert(0, '>');
		await eventually(() => fs.readFileSync(host.file, 'utf8') === '>zero\none\ntwo\nthree\nfour\n', 'both in the file');
		await host.stop();
	},
};

async function protocol() {
	console.log(`SEED=${SEED}`);
	const only = process.argv[2];
	for (const [name, test] of Object.entries(cases)) {
		if (only && only !== name)
			continue;
		await test();
		console.log(`ok ${name}`);
	}
}

run(protocol);
