/*
 * frozen.js: rooms come into being, and back into memory, while the disk does not answer at all.
 *
 * Who is in a room that is there works on; who waits for one that is not yet waits, may leave again, and is in when the disk answers. Whoever
 * asked for one that cannot be read learns of it.
 *
 * What holds the disk back is a library between the server and its system calls ($PRELOAD, frozen_preload.c).
 */
'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const {Host, mint, run, scratch} = require('../e2e/host.js');
const {Peer} = require('../e2e/peer.js');
const prometheus = require('../e2e/prometheus.js');

const NEW = 12, THREADS = 4; // of libuv's pool: more rooms than that
const stage = scratch(), state = path.join(stage, 'state'), rooms = path.join(stage, 'rooms'), frozen = path.join(stage, 'frozen');

/* The threads that wait for the disk. */
const waits = () => fs.readdirSync(stage).filter(name => name.startsWith('frozen.')).map(name => Number(name.slice(7)));

const start = (...args) => Host.start({rooms, state, args: ['--durability', 'memory', ...args],
	env: {LD_PRELOAD: process.env.PRELOAD, FROZEN: frozen, ASAN_OPTIONS: `${process.env.ASAN_OPTIONS ?? ''}:verify_asan_link_order=0`}});

async function until(condition, what) {
	for (const end = Date.now() + 60000; !await condition(); await new Promise(resolve => setTimeout(resolve, 20)))
		assert.ok(Date.now() < end, `never: ${what}`);
}

const counted = async (host, what) => prometheus.parse((await host.get('/metrics')).body).value(`codecollab_${what}`);

/* Joins, without waiting for it to end; `in` and `failed` tell how it did. */
function begin(url, name) {
	const peer = new Peer({url, name});
	peer.joins = peer.connect().then(() => (peer.in = true), error => (peer.failed = error));
	return peer;
}

async function acknowledged(peer, doc, words) {
	for (let i = 0; i < words; i++) {
		doc.insert(0, `<${i}>`);
		await peer.until(() => doc.inStep(), 'an ack while the disk is silent');
	}
}

run(async () => {
	let host = await start();
	const old = begin(host.invite('old', 'owner'), 'Olga');
	await old.joins;
	const letter = await old.open('letter.txt', true);
	letter.insert(0, 'kept');
	await old.until(() => letter.inStep() && fs.existsSync(path.join(rooms, 'old/letter.txt')), 'the old room');
	await old.close();
	assert.equal(await host.stop(), 0, host.words);

	host = await start('--max-handshake', '1', '--idle', '4');
	fs.mkdirSync(path.join(state, 'rooms/spoilt'));
	fs.writeFileSync(path.join(state, 'rooms/spoilt/room.db'), 'this is no history of anything'.repeat(200));
	const token = room => mint(state, {aud: 'codecollab', room, role: 'owner', sub: 'x', name: 'Owen', jti: 'frozen',
		exp: Math.floor(Date.now() / 1000) + 3600});
	const to = room => host.invite('here', 'owner').replace('/here#', `/${room}#`).replace(/t=[^&]*/, `t=${token(room)}`);
	const ada = begin(to('here'), 'Ada');
	await ada.joins;
	const doc = await ada.open('a.txt', true);
	await acknowledged(ada, doc, 3);

	fs.writeFileSync(frozen, '');
	const waiting = Array.from({length: NEW}, (_, i) => begin(to(`new-${i}`), `New${i}`));
	waiting.push(begin(to('old'), 'Olga'), begin(to('new-0'), 'Second'));
	const leaver = begin(to('left'), 'Leaver'), unlucky = begin(to('spoilt'), 'Unlucky');
	await until(async () => await counted(host, 'rooms') === NEW + 4, 'the rooms that are being opened');
	await until(async () => await counted(host, 'connections') === NEW + 5, 'those who wait');
	await until(() => waits().length >= THREADS, 'rooms that are opened');
	await acknowledged(ada, doc, 20);
	leaver.cut();
	await new Promise(resolve => setTimeout(resolve, 2500)); // nobody's hello may be called late, however long this is
	await acknowledged(ada, doc, 20);
	assert.ok(!waits().includes(host.child.pid), 'the thread that serves waits for no disk');
	assert.ok(waiting.every(peer => !peer.in && !peer.failed), 'nobody is in a room that is not there');

	fs.unlinkSync(frozen);
	await Promise.all([...waiting, leaver, unlucky].map(peer => peer.joins));
	waiting.forEach(peer => assert.ok(peer.in, `${peer.hello.name}: ${peer.failed}`));
	assert.equal((await waiting[NEW].open('letter.txt')).toString(), 'kept');
	await waiting[NEW + 1].until(() => waiting[NEW + 1].people.size === 2, 'both in one room');
	assert.match(String(unlucky.failed), /closed with 1013/);
	assert.match(unlucky.errors[0].text, /cannot open this room now/);
	await host.says(/spoilt.*not a database/);
	await until(async () => await counted(host, 'people') === NEW + 3, 'that one did not wait');

	/* Out of memory again: nobody waits for that, and who comes back meanwhile finds it all. */
	const leaving = waiting.slice(0, NEW);
	for (const peer of leaving) {
		const mine = await peer.open('mine.txt', true);
		mine.insert(0, peer.hello.name);
		await until(() => {
			const file = path.join(rooms, peer.room, 'mine.txt');
			return mine.inStep() && fs.existsSync(file) && fs.readFileSync(file, 'utf8') === peer.hello.name;
		}, 'the file');
	}
	await waiting[NEW + 1].close();
	await Promise.all(leaving.map(peer => peer.close()));
	fs.writeFileSync(frozen, '');
	await acknowledged(ada, doc, 20);
	await until(() => waits().length >= THREADS, 'rooms that leave');
	await acknowledged(ada, doc, 20);
	assert.ok(!waits().includes(host.child.pid), 'the thread that serves waits for no disk');
	const back = leaving.slice(0, 3).map((peer, i) => begin(to(peer.room), `Back${i}`));
	await until(async () => await counted(host, 'connections') === 5, 'those who come back');
	fs.unlinkSync(frozen);
	await Promise.all(back.map(peer => peer.joins));
	for (const [i, peer] of back.entries())
		assert.equal((await peer.open('mine.txt')).toString(), leaving[i].hello.name);
	await until(async () => await counted(host, 'rooms') <= 6, 'that the others have left'); // Leaver's may be: cut off, they may come back
	assert.equal(await host.stop(), 0, host.words);
});
