/*
 * damaged.js: bits of a stored history that flip while nobody serves it, and one that is removed while somebody does. What the file still
 * holds goes on, and is not damage any more; what nobody can know for sure is not served.
 */
'use strict';

const assert = require('node:assert');
const {spawnSync} = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const {Peer} = require('./peer.js');
const {Host, eventually, run, scratch} = require('./host.js');

const doctor = state => spawnSync(process.env.CODECOLLAB ?? 'codecollab', ['doctor', '--state', state], {encoding: 'utf8'});

async function types(url, name, words) {
	const peer = new Peer({url, name});
	await peer.connect();
	const doc = await peer.open();
	for (const word of words) {
		doc.insert(0, word);
		await peer.until(() => doc.inStep(), `the ack of ${word}`);
	}
	await peer.close();
}

/* One bit of the newest place in the file that these bytes are at. */
function flip(db, words) {
	const bytes = fs.readFileSync(db), at = bytes.indexOf(words);
	assert.ok(at >= 0, `${words} in the history`);
	bytes[at] ^= 1;
	fs.writeFileSync(db, bytes);
}

async function main() {
	const stage = scratch(), file = path.join(stage, 'a.txt'), state = path.join(stage, 'state'), text = 'three two one \n';
	fs.writeFileSync(file, '\n');
	let host = await Host.start({file, state});
	const db = path.join(state, 'rooms', host.room, 'room.db');
	await types(host.editor, 'Adalbert', ['one ', 'two ', 'three ']);
	assert.equal(await host.stop(), 0, host.words);
	assert.equal(fs.readFileSync(file, 'utf8'), text);
	assert.equal(doctor(state).status, 0);

	flip(db, 'Adalbert'); // in one of the edits
	assert.match(doctor(state).stdout, /FAULT: .* in the table edit of its history 1 row is not what was written/);
	fs.writeFileSync(file, `${text}by somebody else\n`); // so it is not known what the file was
	await assert.rejects(Host.start({file, state}), /has a gap or is damaged: codecollab doctor says where.*move the folder rooms\//s);
	assert.equal(fs.readFileSync(file, 'utf8'), `${text}by somebody else\n`);

	fs.writeFileSync(file, text);
	host = await Host.start({file, state});
	await host.says(/The stored history of a\.txt is damaged .* it goes on from the file/);
	await types(host.editor, 'Ben', ['four ']);
	assert.equal(await host.stop('SIGKILL'), 'SIGKILL');
	host = await Host.start({file, state});
	assert.doesNotMatch(host.words, /damaged/);
	await types(host.editor, 'Cy', ['five ']);
	assert.equal(await host.stop(), 0, host.words);
	assert.equal(fs.readFileSync(file, 'utf8'), `five four ${text}`);
	assert.match(doctor(state).stdout, /FAULT: .* in the table edit of its history 1 row/); // it is still told, and no more than that
}

/* The history is removed under a server that has it open: people are told, and the next server does not read what is left of it. */
async function removed() {
	const stage = scratch(), file = path.join(stage, 'a.txt'), state = path.join(stage, 'state');
	fs.writeFileSync(file, '');
	let host = await Host.start({file, state});
	const db = path.join(state, 'rooms', host.room, 'room.db'), peer = new Peer({url: host.editor, name: 'Ada'});
	await peer.connect();
	const doc = await peer.open();
	doc.insert(0, 'kept');
	await peer.until(() => doc.inStep(), 'the ack');
	await eventually(() => fs.readFileSync(file, 'utf8') === 'kept', 'the file');
	assert.deepEqual(peer.errors, []);
	fs.unlinkSync(db);
	await peer.until(() => peer.errors.some(e => e.text.includes('was removed or replaced')), 'the news');
	assert.equal(await host.stop('SIGKILL'), 'SIGKILL');
	assert.ok(fs.existsSync(`${db}-wal`));
	host = await Host.start({file, state});
	await host.says(/room\.db-wal belongs to a history that is not there any more/);
	await types(host.editor, 'Ben', ['and ']);
	assert.equal(await host.stop(), 0, host.words);
	assert.equal(fs.readFileSync(file, 'utf8'), 'and kept');
	assert.equal(doctor(state).status, 0);
	assert.ok(fs.existsSync(`${db}-wal.lost`));
}

run(async () => {
	await main();
	await removed();
});
