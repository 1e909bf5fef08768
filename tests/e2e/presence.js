/*
 * presence.js: who moves very fast drowns nobody, least of all on a slow line or in a room of two hundred.
 *
 * Ada's caret moves and her state changes a hundred times a second. Ben, who is near, is told of ten at most; Eve, behind a line on which a
 * round trip takes half a second, of two; and among two hundred people Ben is told of one and a quarter. In the end all know the newest. Only
 * too much is a fault: a machine that is slow makes it less. (What is told in one moment may be told twice, where one was told and more waits.)
 */
'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const {Host, run, scratch} = require('./host.js');
const {Peer} = require('./peer.js');

const MOVES = 200, MOVE_MS = 10;
const NEAR_MS = 100, CROWD = 200, CROWD_MS = 800; /* between two that are told of one person; with a crowd */
const LATE_MS = 250; /* each way, on Eve's line */
const ALOOF = 16; /* of the crowd, who come at a time */

/* A line to the server on which everything is late. Resolves to its port. */
function line(port) {
	const pass = (from, to) => {
		from.on('data', data => setTimeout(() => to.writable && to.write(data), LATE_MS));
		from.on('close', () => setTimeout(() => to.destroy(), LATE_MS));
		from.on('error', () => {});
	};
	const server = net.createServer(near => {
		const far = net.connect(port, '127.0.0.1');
		pass(near, far);
		pass(far, near);
	});
	return new Promise(resolve => server.listen(0, '127.0.0.1', () => resolve(server.address().port)));
}

async function come(url, name, opens = true) {
	const peer = new Peer({url, name});
	await peer.connect();
	peer.doc = opens && await peer.open();
	return peer;
}

/* How often this one is told of the other, and of what, since now. */
function listen(peer, of) {
	const told = {select: 0, activity: 0, since: performance.now(), newest: {}};
	peer.on('message', m => {
		if (m.user !== of.user || !(m.t in told))
			return;
		told[m.t]++;
		told.newest[m.t] = m;
	});
	told.most = every => Math.floor((performance.now() - told.since) / every) + 2; // both ends count
	return told;
}

const sleep = ms => new Promise(resolve => setTimeout(resolve, ms));

/* In the end, at a place of its own. */
async function dance(peer, end) {
	for (let i = 0; i < MOVES; i++) {
		peer.doc.select([[i % 7, i % 5]]);
		peer.send({t: 'activity', state: i % 2 ? 'typing' : 'away'});
		await sleep(MOVE_MS);
	}
	peer.doc.select([[end, end]]);
	peer.send({t: 'activity', state: 'chatting'});
}

const knows = (told, end) => told.newest.select?.sel[0][1] === end && told.newest.activity?.state === 'chatting';

async function near_and_far(ada, ben, eve) {
	await ben.until(() => ben.rtts.get(eve.user) >= 2 * LATE_MS, 'how far away Eve is');
	const near = listen(ben, ada), far = listen(eve, ada);
	await dance(ada, 8);
	await ben.until(() => knows(near, 8), 'the newest of Ada, near');
	await eve.until(() => knows(far, 8), 'the newest of Ada, far away');
	assert.ok(near.select + near.activity <= near.most(NEAR_MS), `near: ${JSON.stringify(near)}`);
	assert.ok(near.select >= 3 && near.activity >= 3, `near, both: ${JSON.stringify(near)}`);
	assert.ok(far.select <= 2 * far.most(2 * LATE_MS), `far: ${JSON.stringify(far)}`);
	assert.ok(far.activity <= 2 * far.most(2 * LATE_MS), `far: ${JSON.stringify(far)}`);
}

async function in_a_crowd(url, ada, ben) {
	for (let here = 3; here < CROWD; here += ALOOF)
		await Promise.all(Array.from({length: Math.min(ALOOF, CROWD - here)}, (_, i) => come(url, `p${here + i}`, false)));
	await ben.until(() => ben.people.size === CROWD, 'the crowd');
	const told = listen(ben, ada);
	await dance(ada, 9);
	await ben.until(() => knows(told, 9), 'the newest of Ada, in a crowd');
	assert.ok(told.select + told.activity <= told.most(CROWD_MS), `in a crowd: ${JSON.stringify(told)}`);
}

run(async () => {
	const stage = scratch(), file = path.join(stage, 'a.txt');
	fs.writeFileSync(file, '0123456789\n');
	const host = await Host.start({file, state: path.join(stage, 'state')});
	const late = await line(host.port);
	const ada = await come(host.editor, 'Ada'), ben = await come(host.editor, 'Ben');
	ben.rtts = new Map();
	ben.on('message', m => m.t === 'activity' && ben.rtts.set(m.user, m.rtt));
	const eve = await come(host.editor.replace(`:${host.port}/`, `:${late}/`), 'Eve');
	await near_and_far(ada, ben, eve);
	await in_a_crowd(host.editor, ada, ben);
	assert.equal(await host.stop(), 0);
});
