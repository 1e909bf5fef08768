/*
 * cluster.js: three servers share rooms by a Redis that has a replica; people are in several rooms, on any server, and type; every round a
 * server is killed with -9 and started again, in every third Redis is, too, and in the round after that it fails over to its replica.
 *
 * After each round everybody in a room has the same text, and every word that was acknowledged or seen by somebody is in it, none
 * twice, and so is every other that was typed; at the end the files are those texts.
 *
 *	SECS=300 CLIENTS=60 ROOMS=6 SEED=1 CODECOLLAB=build/codecollab node cluster.js		or ROUNDS=50
 */
'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const {eventually, run, scratch} = require('../e2e/host.js');
const {random} = require('../e2e/random.js');
const {Cluster, Pair} = require('../e2e/redis.js');
const {Person, assertWhole, sleep} = require('./people.js');

const SECS = Number(process.env.SECS ?? 0);
const ROUNDS = Number(process.env.ROUNDS ?? (SECS ? Infinity : 4));
const CLIENTS = Number(process.env.CLIENTS ?? 9);
const ROOMS = Number(process.env.ROOMS ?? 3);
const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
const PATIENCE_MS = 60000; // of a person, for their connection

/* Whoever loses the line, or is sent away, asks the balancer for a server, until they are in again. */
async function stay(person, cluster, dice, until) {
	for (let tries = 0, since = Date.now(); !until.left; await sleep(tries ? 100 : 20)) {
		const {peer} = person;
		if (peer.ws?.readyState === 1) {
			[tries, since] = [0, Date.now()];
			continue;
		}
		peer.cut();
		peer.url.port = cluster.port(dice);
		tries++;
		await peer.connect().catch(error => {
			if (peer.failure || Date.now() - since > PATIENCE_MS)
				throw error;
		});
	}
}

/* All of a room at one revision, with nothing of theirs on its way. */
function agreed(room) {
	const [first] = room.people;
	room.people.forEach(({peer}) => assert.ok(!peer.failure, peer.failure));
	return room.people.every(({peer, doc}) => peer.online && doc.inStep() && doc.rev === first.doc.rev);
}

/* What Redis goes through in this round; what it gives mends that. */
async function misfortune(pair, round) {
	if (round % 3 === 2) {
		await pair.master.kill();
		await sleep(100);
		await pair.master.again();
		await pair.whole();
	}
	if (round % 3 === 0 && round)
		await pair.failover();
}

async function cluster() {
	console.log(`SEED=${SEED} CLIENTS=${CLIENTS} ROOMS=${ROOMS}`);
	const dice = random(SEED ^ 0x5eed), stage = scratch(), pair = await Pair.start(path.join(stage, 'redis'));
	const cluster = await Cluster.start(stage, {redis: pair.master, url: pair.url}), began = Date.now(), life = {left: false};
	const rooms = Array.from({length: ROOMS}, (_, i) => ({name: `room-${i}`, known: new Set(), people: []}));
	for (const room of rooms)
		room.url = cluster.invite(room.name, 'owner');
	const people = [];
	for (let i = 0; i < CLIENTS; i++) {
		const room = rooms[i % ROOMS];
		const person = new Person(room.url, i, SEED, room.known);
		person.peer.url.port = cluster.port(dice);
		room.people.push(person);
		people.push(person);
		await person.peer.connect();
		person.doc = await person.peer.open('words.txt', true);
	}
	const stays = Promise.all(people.map(person => stay(person, cluster, dice, life)));
	stays.catch(() => {}); // it is waited for below

	let round = 0, kills = 0, failovers = 0;
	for (; round < ROUNDS && !(SECS && Date.now() - began > SECS * 1000); round++) {
		const until = {over: false};
		const lives = people.map(p => p.live(until, SECS ? 300 : 30));
		await sleep(100 + dice.below(400));
		const again = await cluster.kill(dice.below(cluster.hosts.length));
		kills++;
		await sleep(dice.below(200)); // they type on
		await again();
		await sleep(SECS ? dice.below(3000) : 0);
		await misfortune(pair, round);
		failovers += round % 3 === 0 && round > 0;
		await sleep(dice.below(200));
		until.over = true;
		await Promise.all(lives);
		for (const room of rooms) {
			await Promise.race([stays, eventually(() => agreed(room), `one revision of ${room.name}`, 120000)]);
			assertWhole(room.people, room.known);
		}
	}
	for (const room of rooms) {
		const text = room.people[0].doc.toString(), file = path.join(cluster.rooms, room.name, 'words.txt');
		await eventually(() => fs.existsSync(file) && fs.readFileSync(file, 'utf8') === text,
			`the text in the file of ${room.name}`);
		assert.ok(!fs.existsSync(`${file}.outside~`), `nobody but the servers wrote the file of ${room.name}`);
	}
	console.log(`${kills} servers killed, ${Math.floor(round / 3)} times Redis, ${failovers} failovers: `
		+ `${rooms.reduce((sum, r) => sum + r.known.size, 0)} words known of ${people.reduce((sum, p) => sum + p.count, 0)} typed`);
	life.left = true;
	await stays;
	await Promise.all(people.map(p => p.peer.close()));
	for (const host of cluster.hosts)
		assert.equal(await host.stop(), 0, `the server's exit: ${host.words}`);
	await pair.kill();
}

run(cluster);
