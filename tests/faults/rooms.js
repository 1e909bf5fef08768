/*
 * rooms.js: a server of many rooms: kills while people type in several of them, and hundreds that nobody is in.
 *
 *	ROUNDS=50 ROOMS=6 MANY=5000 SEED=1 CODECOLLAB=build/codecollab node rooms.js
 *
 * After each kill -9 everybody comes back, each room has one text, with every word that was promised once, and its files become those texts.
 * Rooms that people have left are out of memory: no descriptor and no thread is left of them, and each comes back as it was.
 */
'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const {Host, eventually, mint, run, scratch} = require('../e2e/host.js');
const {Peer} = require('../e2e/peer.js');
const {random} = require('../e2e/random.js');
const {Person, assertWhole, settled, sleep} = require('./people.js');

const ROUNDS = Number(process.env.ROUNDS ?? 2);
const ROOMS = Number(process.env.ROOMS ?? 4);
const MANY = Number(process.env.MANY ?? 60);
const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
const FILES = ['a.txt', 'b.txt'], LIMITS = ['--idle', '1', '--max-failures', '1000000'];

const stage = scratch(), rooms = path.join(stage, 'rooms'), state = path.join(stage, 'state');
const fileOf = (room, file) => path.join(rooms, room, file);

/* A token for all rooms, as an issuer would make it. */
function token(role) {
	const now = Math.floor(Date.now() / 1000);
	return mint(state, {aud: 'codecollab', sub: 'test', room: '*', role, iat: now, exp: now + 3600});
}

const urlOf = (host, room, role) => host.invite(room, role);

async function arrive(person, file) {
	await person.peer.connect();
	person.doc = await person.peer.open(file, true);
}

/* Two people at each file of each room. */
async function kills() {
	const dice = random(SEED), known = new Map(), all = [];
	let host = await Host.start({rooms, state, args: LIMITS});
	const {port} = host;
	for (let r = 0; r < ROOMS; r++)
		for (const file of FILES) {
			const words = new Set();
			known.set(`room-${r}/${file}`, words);
			for (let i = 0; i < 2; i++) {
				const person = new Person(urlOf(host, `room-${r}`, 'owner'), all.length, SEED, words);
				Object.assign(person, {room: `room-${r}`, file});
				await arrive(person, file);
				all.push(person);
			}
		}
	for (let round = 0; round < ROUNDS; round++) {
		const until = {over: false}, lives = all.map(person => person.live(until, 60));
		await sleep(100 + dice.below(400));
		assert.equal(await host.stop('SIGKILL'), 'SIGKILL');
		host = await Host.start({rooms, state, listen: `127.0.0.1:${port}`, args: LIMITS});
		await Promise.all(all.map(person => person.comeBack()));
		await sleep(dice.below(100));
		until.over = true;
		await Promise.all(lives);
		for (const [place, words] of known) {
			const those = all.filter(person => `${person.room}/${person.file}` === place);
			await settled(those);
			const text = assertWhole(those, words);
			await eventually(() => fs.readFileSync(path.join(rooms, place), 'utf8') === text, `${place} on the disk`);
		}
	}
	const words = all.reduce((sum, person) => sum + person.count, 0);
	console.log(`SEED=${SEED}: ${ROUNDS} kills, ${words} words in ${known.size} documents of ${ROOMS} rooms`);
	await Promise.all(all.map(person => person.peer.close()));
	await emptied(host);
	return host;
}

const count = (host, what) => fs.readdirSync(`/proc/${host.child.pid}/${what}`).length;

async function rest(host) {
	const {body} = await host.get('/metrics');
	return Number(body.match(/^codecollab_rooms (\d+)$/m)[1]);
}

async function emptied(host) {
	const end = Date.now() + 60000;
	while (await rest(host) > 0) {
		assert.ok(Date.now() < end, 'rooms stay in memory');
		await sleep(50);
	}
}

/* One person goes through many rooms, leaves a word in each, and comes back to some of them. */
async function idle(host) {
	const before = {fd: count(host, 'fd'), task: count(host, 'task')}, base = new URL(urlOf(host, 'room-0', 'owner'));
	const pin = base.hash.match(/fp=[^&]*/)[0], own = token('owner');
	const visit = async i => {
		base.pathname = `/many-${i}`;
		base.hash = `t=${own}&${pin}`;
		const peer = new Peer({url: String(base), codec: 'binary', name: 'Wanderer'});
		await peer.connect();
		return peer;
	};
	const leave = async (peer, i) => {
		const doc = await peer.open('note.txt', true);
		doc.insert(0, `room ${i}`);
		await peer.until(() => doc.inStep(), 'the ack');
		await peer.close();
	};
	for (let i = 0; i < MANY; i += 10)
		await Promise.all(Array.from({length: 10}, (_, k) => visit(i + k).then(peer => leave(peer, i + k))));
	await emptied(host);
	await eventually(() => count(host, 'fd') <= before.fd && count(host, 'task') <= before.task, 'nothing left over');
	const left = {fd: count(host, 'fd'), task: count(host, 'task')};
	for (let i = 0; i < MANY; i += Math.ceil(MANY / 10)) {
		const peer = await visit(i);
		assert.equal((await peer.open('note.txt')).toString(), `room ${i}`);
		await peer.close();
		assert.equal(fs.readFileSync(fileOf(`many-${i}`, 'note.txt'), 'utf8'), `room ${i}`);
	}
	console.log(`${MANY} rooms, ${left.fd} descriptors, ${left.task} threads`);
}

run(async () => {
	const host = await kills();
	await idle(host);
	assert.equal(await host.stop(), 0, host.words);
});
