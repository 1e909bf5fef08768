/*
 * second.js: a room has one server. A second one is told who has it, whatever it calls the file; it may begin when the first is gone,
 * however that went.
 */
'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const {Peer} = require('./peer.js');
const {Host, run, scratch} = require('./host.js');

async function main() {
	const stage = scratch(), state = path.join(stage, 'state'), folder = path.join(stage, 'folder');
	const file = path.join(folder, 'a.txt'), link = path.join(stage, 'link.txt'), chain = path.join(stage, 'chain.txt');
	const around = path.join(stage, 'around');
	fs.mkdirSync(folder);
	fs.writeFileSync(file, 'one\n');
	fs.symlinkSync(file, link);
	fs.symlinkSync('link.txt', chain);
	fs.symlinkSync('folder', around);
	process.chdir(folder);

	let host = await Host.start({file, state});
	const port = host.port, otherwise = path.join(folder, 'b.txt');
	fs.writeFileSync(otherwise, '');
	const taken = new RegExp(`the room ${host.room} is already being served by another codecollab \\(process ${host.child.pid}\\)`);
	const spellings = [file, 'a.txt', './a.txt', '../folder/a.txt', `${folder}/../folder//a.txt`, link, chain, path.join(around, 'a.txt'),
		'../link.txt'];
	for (const spelled of spellings) {
		await assert.rejects(Host.start({file: spelled, state}), taken, spelled);
		await assert.rejects(Host.start({file: spelled, state, args: ['--room', host.room]}), taken, spelled);
		await assert.rejects(Host.start({file: spelled, state, args: ['--room', 'another-room']}), taken, spelled);
	}
	const elsewhere = new RegExp(`a\\.txt is already being shared by another codecollab \\(process ${host.child.pid}\\)`);
	for (const spelled of spellings)
		await assert.rejects(Host.start({file: spelled, state: path.join(stage, 'another-state')}), elsewhere, spelled);
	await assert.rejects(Host.start({file: otherwise, state, args: ['--room', host.room]}), /belongs to another file/);
	const beside = await Host.start({file: otherwise, state}); // another file of one person is another room
	assert.equal(await beside.stop(), 0, beside.words);

	const peer = new Peer({url: host.editor, name: 'Ada'});
	await peer.connect();
	const doc = await peer.open();
	doc.insert(0, 'typed ');
	await peer.until(() => doc.inStep(), 'the ack');
	assert.equal(await host.stop('SIGKILL'), 'SIGKILL');
	host = await Host.start({file: link, state, listen: `127.0.0.1:${port}`});
	await peer.connect();
	await peer.until(() => doc.inStep() && doc.resuming === null, 'all that was missed');
	assert.equal(doc.toString(), 'typed one\n');
	await peer.close();
	assert.equal(await host.stop(), 0, host.words);
	assert.equal(fs.readFileSync(file, 'utf8'), 'typed one\n');

	const renamed = await Host.start({file, state, args: ['--room', 'another-room']}); // when nobody serves it, it may have another name
	assert.equal(renamed.room, 'another-room');
	assert.equal(await renamed.stop(), 0, renamed.words);
}

/* The same of folders of rooms: each room has one server, which may be another one for each. */
async function folders() {
	const stage = scratch(), rooms = path.join(stage, 'rooms'), states = ['one', 'two'].map(name => path.join(stage, name));
	const hosts = [await Host.start({rooms, state: states[0]}), await Host.start({rooms, state: states[1]})];
	const peers = hosts.map(host => new Peer({url: host.invite('demo', 'owner'), name: 'Ada'}));
	await peers[0].connect();
	await assert.rejects(peers[1].connect(), error => error.status === 503);
	await hosts[1].says(new RegExp(`demo is already being shared by another codecollab \\(process ${hosts[0].child.pid}\\)`));
	const other = new Peer({url: hosts[1].invite('other', 'owner'), name: 'Ben'});
	await other.connect();
	assert.equal(await hosts[0].stop('SIGKILL'), 'SIGKILL');
	await peers[1].connect();
	assert.equal(await hosts[1].stop(), 0, hosts[1].words);
}

run(async () => {
	await main();
	await folders();
});
