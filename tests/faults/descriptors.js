/*
 * descriptors.js: more people than a server has descriptors for. Those who are in work on, and their file is saved; the others wait
 * outside, which costs next to nothing, and come in as the first ones leave.
 *
 *	FILES=64 CLIENTS=100 CODECOLLAB=build/codecollab node descriptors.js
 */
'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const {Peer} = require('../e2e/peer.js');
const {Host, eventually, run, scratch} = require('../e2e/host.js');
const {sleep} = require('./people.js');

const FILES = Number(process.env.FILES ?? 64);
const CLIENTS = Number(process.env.CLIENTS ?? 100);
const SPARE = 16; // that nobody gets who comes
const WATCHED_MS = 2000;

/* The program with so many descriptors and no way to more. */
function narrow(stage) {
	const wrapper = path.join(stage, 'narrow');
	fs.writeFileSync(wrapper, `#!/bin/sh\nulimit -n ${FILES}\nexec '${process.env.CODECOLLAB}' "$@"\n`, {mode: 0o755});
	return wrapper;
}

const open = host => fs.readdirSync(`/proc/${host.child.pid}/fd`).length;

/* What it has used of a processor, in ticks of a hundredth of a second (proc(5)). */
function ticks(host) {
	const fields = fs.readFileSync(`/proc/${host.child.pid}/stat`, 'latin1').replace(/^.*\) /, '').split(' ');
	return Number(fields[11]) + Number(fields[12]);
}

async function types(peer, word) {
	const doc = peer.docs.get('a.txt');
	doc.insert(0, word);
	await peer.until(() => doc.inStep(), `the ack of ${word}`);
}

run(async () => {
	const stage = scratch(), file = path.join(stage, 'a.txt'), sound = process.env.CODECOLLAB;
	fs.writeFileSync(file, '');
	process.env.CODECOLLAB = narrow(stage);
	const host = await Host.start({file, state: path.join(stage, 'state')}).finally(() => (process.env.CODECOLLAB = sound));
	const before = open(host), inside = new Set();
	const come = async i => {
		const peer = new Peer({url: host.editor, name: `n${i}`});
		await peer.connect();
		await peer.open();
		await types(peer, `${i} `);
		inside.add(peer);
	};
	const all = Promise.all(Array.from({length: CLIENTS}, (_, i) => come(i)));

	await eventually(() => open(host) >= FILES - SPARE && open(host) === before + inside.size, 'the table is full of those who are in');
	const first = [...inside];
	const began = ticks(host);
	await sleep(WATCHED_MS);
	const used = (ticks(host) - began) * 10;
	assert.equal(inside.size, first.length, 'nobody came in');
	assert.ok(used < WATCHED_MS / 2, `${used} ms of a processor were used to wait ${WATCHED_MS} ms`);
	await Promise.all(first.map((peer, i) => types(peer, `still ${i} `)));
	await eventually(() => fs.readFileSync(file, 'utf8').includes('still 0 '), 'the file is saved');
	console.log(`${before} descriptors before anybody came, ${first.length} people in, ${used} ms of a processor in ${WATCHED_MS} ms`);

	while (inside.size) {
		const [peer] = inside;
		inside.delete(peer);
		await peer.close();
		if (!inside.size)
			await Promise.race([all, eventually(() => inside.size, 'somebody else comes in')]);
	}
	await all;
	assert.equal(await host.stop(), 0, host.words);
	const text = fs.readFileSync(file, 'utf8');
	for (let i = 0; i < CLIENTS; i++)
		assert.equal(` ${text}`.split(` ${i} `).length - 1 - (i < first.length), 1, `the word of ${i}`);
});
