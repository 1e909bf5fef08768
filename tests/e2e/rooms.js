/*
 * rooms.js: one server, many rooms: how they come into being, what is made in them, what is refused, and that they leave memory and
 * come back as they were.
 */
'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const {Host, eventually, invite, run, scratch} = require('./host.js');
const {Peer} = require('./peer.js');

const stage = scratch(), rooms = path.join(stage, 'rooms'), state = path.join(stage, 'state');
const at = (...parts) => path.join(rooms, ...parts);
const read = (...parts) => fs.readFileSync(at(...parts), 'utf8');
const holds = (text, ...parts) => eventually(() => fs.existsSync(at(...parts)) && read(...parts) === text, `${parts} with ${text}`);

async function come(url, name, codec = 'binary') {
	const peer = new Peer({url, codec, name});
	await peer.connect();
	return peer;
}

async function refused(url) {
	const peer = new Peer({url, codec: 'binary', name: 'Nobody'});
	return peer.connect().then(() => 0, error => error.status);
}

/* Only an owner's token makes a room; then it is there for all whom the owner invites. */
async function beginnings(host) {
	assert.deepEqual(fs.readdirSync(rooms), []);
	for (const key of ['room', 'owner', 'editor', 'viewer'])
		assert.equal(host[key], undefined, `no ${key} of a server of many rooms`);
	assert.equal(await refused(host.invite('demo', 'editor')), 404);
	assert.deepEqual(fs.readdirSync(rooms), []);
	const ada = await come(host.invite('demo', 'owner'), 'Ada', 'json');
	assert.deepEqual(ada.files, []);
	assert.equal(ada.room, 'demo');
	assert.ok(fs.statSync(at('demo')).isDirectory());
	const ben = await come(host.invite('demo', 'editor'), 'Ben');
	return {ada, ben};
}

/* One makes a document, the other hears of it; two documents of a room do not meet. */
async function documents(ada, ben) {
	const told = [];
	ben.on('message', m => m.t === 'file' && told.push(m));
	const notes = await ada.open('notes.txt', true);
	await ben.until(() => told.length, 'the new file');
	assert.deepEqual(told.map(m => [m.do, m.path, m.user]), [['create', 'notes.txt', ada.user]]);
	const list = await ben.open('list für Oma.md', true);
	notes.insert(0, 'one');
	list.insert(0, 'two');
	const shared = await ben.open('notes.txt', true); // it is there: the same one
	await ben.until(() => shared.toString() === 'one', 'what Ada wrote');
	shared.insert(3, ' and more');
	await ada.until(() => notes.toString() === 'one and more' && notes.inStep(), 'what Ben wrote');
	await holds('one and more', 'demo', 'notes.txt');
	await holds('two', 'demo', 'list für Oma.md');
	return notes;
}

async function hostile(host, ada) {
	const viewer = await come(host.invite('demo', 'viewer'), 'Vic');
	await assert.rejects(viewer.open('mine.txt', true), /read-only/);
	await assert.rejects(ada.open('not-there.txt'), /no-such-file/);
	const names = ['', '.', '..', '.hidden', '../escape', '/etc/passwd', 'a/b', 'a\nb', 'a\x1b[2J', ' blank', 'blank ',
		'\u202egnp.exe', 'x'.repeat(201), 'demo/../../escape', 'zero\u200bwidth'];
	for (const name of names)
		await assert.rejects(ada.open(name, true), /bad-path/, JSON.stringify(name));
	fs.symlinkSync('/etc/passwd', at('demo', 'link'));
	fs.mkdirSync(at('demo', 'sub'));
	await assert.rejects(ada.open('link', true), /exists/);
	await assert.rejects(ada.open('sub', true), /exists/);
	fs.rmdirSync(at('demo', 'sub'));
	assert.deepEqual(fs.readdirSync(at('demo')).sort(), ['link', 'list für Oma.md', 'notes.txt']);
	assert.deepEqual(fs.readdirSync(rooms), ['demo']);
	fs.unlinkSync(at('demo', 'link'));
	await viewer.close();
}

async function hostileRooms(host) {
	const url = new URL(host.invite('demo', 'owner'));
	fs.symlinkSync('/etc', at('linked'));
	assert.equal(await refused(host.invite('linked', 'owner')), 404);
	fs.unlinkSync(at('linked'));
	fs.writeFileSync(at('plain'), 'a file');
	assert.equal(await refused(host.invite('plain', 'owner')), 404);
	fs.unlinkSync(at('plain'));
	for (const name of ['..', '%2e%2e', 'DEMO', '-x', 'a'.repeat(65), 'demo/..', '']) {
		url.pathname = `/${name}`;
		assert.ok([403, 404, 400].includes(await refused(String(url))), name);
	}
	assert.throws(() => host.invite('../escape', 'owner'));
	assert.deepEqual(fs.readdirSync(rooms), ['demo']);
}

const metric = async (host, name) => {
	const {body} = await host.get('/metrics');
	return Number(body.match(new RegExp(`^codecollab_${name} (\\d+)$`, 'm'))[1]);
};

const descriptors = host => fs.readdirSync(`/proc/${host.child.pid}/fd`).length;

/* Who leaves takes nothing along: the room is closed, and whoever comes back finds text, history, chat and their own session. */
async function comings(host, {ada, ben}, notes) {
	const before = {rev: notes.rev, epoch: ada.epoch, session: ben.session, user: ben.user};
	ada.send({t: 'say', text: 'see you'});
	await ben.until(() => ben.chat.some(said => said.text === 'see you'), 'the chat');
	await ben.until(() => [...ben.docs.values()].every(doc => doc.inStep()), 'the acks');
	await Promise.all([ada.close(), ben.close()]);
	await until(async () => await metric(host, 'rooms') === 0, 'an empty house');
	await until(() => descriptors(host) === host.descriptors, 'an idle room without a descriptor');

	const url = host.invite('demo', 'owner');
	const back = await come(url, 'Ada');
	assert.deepEqual(back.files.map(f => f.path), ['list für Oma.md', 'notes.txt']);
	assert.deepEqual(back.files.map(f => f.size), [3, 12]);
	assert.equal(back.epoch, before.epoch);
	assert.deepEqual(back.chat.map(said => said.text), ['see you']);
	const again = await back.open('notes.txt');
	assert.equal(again.toString(), 'one and more');
	assert.equal(again.rev, before.rev);
	again.insert(0, 'still ');
	await back.until(() => again.inStep(), 'the ack');
	await ben.connect(); // resumes: the session outlives the room's stay in memory
	assert.equal(ben.user, before.user);
	await ben.until(() => ben.docs.get('notes.txt').toString() === 'still one and more', 'what was missed');
	ben.docs.get('notes.txt').select([[2, 4]]);
	await back.until(() => again.carets.has(ben.user), 'the caret');
	await Promise.all([back.close(), ben.close()]);
}

async function until(condition, what) {
	const end = Date.now() + 60000;
	while (!await condition()) {
		assert.ok(Date.now() < end, `never: ${what}`);
		await new Promise(resolve => setTimeout(resolve, 20));
	}
}

/* A file that somebody put there is a document of the room, and so is what another program writes into one. */
async function foreign(host) {
	fs.mkdirSync(at('found'));
	fs.writeFileSync(at('found', 'a.c'), 'int a;\n');
	fs.writeFileSync(at('found', '.secret'), 'no');
	fs.writeFileSync(at('found', 'picture.png'), Buffer.from([0x89, 0x50, 0, 1]));
	fs.mkdirSync(at('found', 'folder'));
	const eve = await come(host.invite('found', 'editor'), 'Eve');
	assert.deepEqual(eve.files.map(f => f.path), ['a.c', 'picture.png']);
	await assert.rejects(eve.open('picture.png'), /not-text/);
	const doc = await eve.open('a.c');
	fs.writeFileSync(at('found', 'a.c'), 'int a, b;\n');
	await eve.until(() => doc.toString() === 'int a, b;\n', 'what was written outside');
	const told = [];
	eve.on('message', m => m.t === 'file' && told.push([m.do, m.path, m.user]));
	fs.writeFileSync(at('found', '.also-secret'), 'no');
	fs.writeFileSync(at('found', 'new.c'), 'int c;\n');
	await eve.until(() => told.length, 'the file that was put there');
	assert.deepEqual(told, [['create', 'new.c', 0]]);
	assert.equal((await eve.open('new.c')).toString(), 'int c;\n');
	await eve.close();
}

/* The owner ends one room; the others go on, and it may begin again. */
async function endings(host) {
	const ada = await come(host.invite('short', 'owner'), 'Ada'), ben = await come(host.invite('short', 'editor'), 'Ben');
	const other = await come(host.invite('long', 'owner'), 'Carl');
	const doc = await ada.open('a.txt', true);
	doc.insert(0, 'kept');
	await ada.until(() => doc.inStep(), 'the ack');
	ada.send({t: 'admin', do: 'end', user: 0, arg: ''});
	await Promise.all([ada, ben].map(peer => peer.until(() => peer.closed, 'the end')));
	await holds('kept', 'short', 'a.txt');
	const still = await other.open('b.txt', true);
	still.insert(0, 'here');
	await other.until(() => still.inStep(), 'the other room');
	await until(async () => await metric(host, 'rooms') === 1, 'one room');
	const again = await come(host.invite('short', 'editor'), 'Ben');
	assert.equal((await again.open('a.txt')).toString(), 'kept');
	await Promise.all([again.close(), other.close()]);
}

/* What was written in the room of a file is not for those who make a room of that name, nor the other way round. */
async function names() {
	const file = path.join(stage, 'private.txt');
	fs.writeFileSync(file, 'secret');
	let host = await Host.start({file, state, args: ['--room', 'private']});
	await host.stop();
	host = await Host.start({rooms, state});
	const url = new URL(host.invite('private', 'owner')); // of the server that had it
	url.port = host.port;
	assert.equal(await refused(String(url)), 503);
	await eventually(() => /the room private in .* belongs to another file or folder/.test(host.words), 'why');
	assert.ok(!fs.existsSync(at('private')));
	await host.stop();
	await assert.rejects(Host.start({file, state, args: ['--room', 'demo']}), /belongs to another file/);
	await assert.rejects(Host.start({rooms: file, state}), /is no folder/);
}

/* No more rooms in memory than allowed, while somebody is in each; no more files in a room. */
async function limits() {
	const host = await Host.start({rooms, state, listen: '127.0.0.2:0', args: ['--max-rooms', '2', '--max-files', '2', '--idle', '3600']});
	assert.equal(new URL(host.invite('demo')).port, String(host.port), 'where it is now, not where the room was last');
	const first = await come(host.invite('one', 'owner'), 'Ada'), second = await come(host.invite('two', 'owner'), 'Ben');
	assert.equal(await refused(host.invite('three', 'owner')), 503);
	await first.open('1', true);
	await first.open('2', true);
	await assert.rejects(first.open('3', true), /too-large/);
	await second.close();
	const third = await come(host.invite('three', 'owner'), 'Ben'); // in the place of the one nobody is in
	await Promise.all([first.close(), third.close()]);
	assert.equal(await host.stop(), 0);
}

run(async () => {
	let host = await Host.start({rooms, state, args: ['--idle', '1']});
	host.descriptors = descriptors(host);
	const {ada, ben} = await beginnings(host);
	const notes = await documents(ada, ben);
	await hostile(host, ada);
	await hostileRooms(host);
	await comings(host, {ada, ben}, notes);
	await foreign(host);
	await endings(host);
	assert.equal(await host.stop(), 0, host.words);

	const url = invite(state, '--room', 'demo', '--role', 'viewer'); // beside no server, where it was
	host = await Host.start({rooms, state, listen: `127.0.0.1:${new URL(url).port}`});
	const vic = await come(url, 'Vic');
	assert.equal((await vic.open('notes.txt')).toString(), 'still one and more');
	await vic.close();
	assert.equal(await host.stop(), 0, host.words);
	await limits();
	await names();
});
