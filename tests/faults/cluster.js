/*
 * cluster.js: three servers share rooms by one Redis; people are in several rooms, on any server, and type; every round a server is killed
 * with -9 and started again, and now and then Redis is.
 *
 * After each round everybody in a room has the same text, and every word that was acknowledged or seen by somebody is in it, none
 * twice, and so is every other that was typed; at the end the files are those texts.
 *
 *	ROUNDS=50 CLIENTS=60 ROOMS=6 SEED=1 CODECOLLAB=build/codecollab node cluster.js
 */
'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const {eventually, run, scratch} = require('../e2e/host.js');
const {random} = require('../e2e/random.js');
const {Cluster} = require('../e2e/redis.js');
const {Person, assertWhole, settled, sleep} = require('./people.js');

const ROUNDS = Number(process.env.ROUNDS ?? 6);
const CLIENTS = Number(process.env.CLIENTS ?? 9);
const ROOMS = Number(process.env.ROOMS ?? 3);
const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));

/* A cut line, and the next server that the balancer gives. */
async function comeBack(person, cluster, dice) {
	for (let tries = 0; ; tries++) {
		person.peer.cut();
		person.peer.url.port = cluster.port(dice);
		try {
			await person.peer.connect();
			return;
		} catch (error) {
			if (tries > 100)
				throw error;
			await sleep(100);
		}
	}
}

async function cluster() {
	console.log(`SEED=${SEED} ROUNDS=${ROUNDS} CLIENTS=${CLIENTS} ROOMS=${ROOMS}`);
	const dice = random(SEED ^ 0x5eed), stage = scratch(), cluster = await Cluster.start(stage);
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

	for (let round = 0; round < ROUNDS; round++) {
		const until = {over: false};
		const lives = people.map(p => p.live(until));
		await sleep(100 + dice.below(400));
		const which = dice.below(cluster.hosts.length);
		const again = await cluster.kill(which);
		if (round % 3 === 2)
			await cluster.redis.kill();
		await sleep(dice.below(200)); // they type on
		if (round % 3 === 2)
			await cluster.redis.again();
		await Promise.all(people.map(p => p.peer.ws?.readyState === 1 ? undefined : comeBack(p, cluster, dice)));
		await again();
		await sleep(dice.below(200));
		until.over = true;
		await Promise.all(lives);
		await Promise.all(people.map(p => p.peer.ws?.readyState === 1 ? undefined : comeBack(p, cluster, dice)));
		await Promise.all(rooms.map(room => settled(room.people)));
		rooms.forEach(room => assertWhole(room.people, room.known));
	}
	for (const room of rooms) {
		const text = room.people[0].doc.toString(), file = path.join(cluster.rooms, room.name, 'words.txt');
		await eventually(() => fs.existsSync(file) && fs.readFileSync(file, 'utf8') === text,
			`the text in the file of ${room.name}`);
	}
	console.log(`${ROUNDS} servers killed, ${rooms.reduce((sum, r) => sum + r.known.size, 0)} words known of `
		+ `${people.reduce((sum, p) => sum + p.count, 0)} typed`);
	await Promise.all(people.map(p => p.peer.close()));
	for (const host of cluster.hosts)
		assert.equal(await host.stop(), 0, `the server's exit: ${host.words}`);
	await cluster.redis.kill('SIGTERM');
}

run(cluster);
