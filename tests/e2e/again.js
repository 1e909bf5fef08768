/*
 * again.js: what an owner decided, and what people said, is still so when the server was killed and started again.
 */
'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const {Host, run, scratch} = require('./host.js');
const {Peer} = require('./peer.js');

/* A wish of hers that is durable: what she says behind it was heard. */
async function wishes(ada, message, words) {
	ada.send(message);
	ada.send({t: 'say', text: words});
	await ada.until(() => ada.chat.at(-1)?.text === words, words);
}

const admin = (verb, user = 0, arg = '') => ({t: 'admin', do: verb, user, arg});

async function arrive(url, name) {
	const peer = new Peer({url, name});
	await peer.connect();
	await peer.open();
	return peer;
}

async function isTurnedAway(peer, why) {
	await peer.connect().catch(() => {});
	await peer.until(() => peer.closed, 'the close');
	assert.match(JSON.stringify(peer.errors), why);
}

async function again() {
	const stage = scratch(), file = path.join(stage, 'a.txt'), state = path.join(stage, 'state');
	fs.writeFileSync(file, 'one\n');
	let host = await Host.start({file, state});
	const start = () => Host.start({file, state, listen: `127.0.0.1:${host.port}`});
	const ada = await arrive(host.owner, 'Ada'), ben = await arrive(host.editor, 'Ben'), cy = await arrive(host.editor, 'Cy');
	const doc = ben.docs.get('a.txt'), before = {user: ben.user, color: ada.people.get(ben.user).color};

	await wishes(ada, admin('role', ben.user, 'viewer'), 'Ben only reads');
	await wishes(ada, admin('lock'), 'nobody else');
	await wishes(ada, admin('kick', cy.user), 'and Cy goes');
	await cy.until(() => cy.closed, 'the close');
	await isTurnedAway(cy, /the room is locked/); // with the session that ended

	await host.stop('SIGKILL');
	host = await start();
	await ada.connect();
	await ben.connect();
	await ben.until(() => doc.resuming === null, 'all that was missed');
	await ada.until(() => ada.people.has(ben.user), 'Ben');
	assert.deepEqual({user: ben.user, color: ada.people.get(ben.user).color}, before);
	assert.equal(ada.people.get(ben.user).role, 'viewer');
	assert.deepEqual(ada.chat.map(said => said.text).slice(-3), ['Ben only reads', 'nobody else', 'and Cy goes']);
	ben.send({t: 'edit', doc: doc.id, rev: doc.rev, seq: doc.seq + 1, op: ['x']});
	await ben.until(() => ben.errors.some(e => e.code === 'read-only'), 'a refusal');
	await isTurnedAway(cy, /the room is locked/);
	await isTurnedAway(new Peer({url: host.editor, name: 'Dan'}), /the room is locked/);

	await wishes(ada, admin('unlock'), 'come in');
	await host.stop('SIGKILL');
	host = await start();
	const dan = await arrive(host.editor, 'Dan');
	assert.equal(dan.docs.get('a.txt').text.toString(), 'one\n');
	await dan.close();
	assert.equal(await host.stop(), 0, host.words);
}

run(again);
