/*
 * repair.js: a Redis that has lost what it had, and a server that knows nothing of it and is the first to open the room: the room is not
 * begun from nothing, nor gone on with from what is left, while others hold more of it; and what nobody could give back in time is kept,
 * and told.
 *
 *	SEED=1 ROUNDS=2 node repair.js [TEST]
 */
'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const {eventually, run, scratch} = require('../e2e/host.js');
const {Peer} = require('../e2e/peer.js');
const {Cluster, Redis} = require('../e2e/redis.js');
const {random} = require('../e2e/random.js');
const {Person, assertWhole, settled, sleep} = require('./people.js');
const {agree, back, end, pair, retry} = require('./pairs.js');

const ROUNDS = Number(process.env.ROUNDS ?? 2), SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
const LOG = 'codecollab:{demo}:log', STATE = 'codecollab:{demo}:state';

/* Two people on two servers, whose newest words are not in the file yet; and a third server, that has not opened the room. */
async function begin(stage, more) {
	const redis = await Redis.start(path.join(stage, 'redis'), {lines: ['appendfsync always']});
	const cluster = await Cluster.start(stage, {servers: 3, redis, args: ['--no-autosave'], ...more});
	const both = await pair(cluster, 'demo');
	both.docs[0].insert(0, 'kept');
	await agree(both, 'kept');
	return {redis, cluster, both};
}

/* Somebody comes by that one, as soon as it lets them. */
async function late({cluster, both}) {
	const peer = new Peer({url: Cluster.at(both.url, cluster.hosts[2]), name: 'late'});
	await retry(() => peer.connect());
	return {peer, doc: await peer.open('a.txt', true)};
}

/* All three have all of it, and what is written now is on every screen. */
async function whole(world, {peer, doc}, text) {
	const three = {peers: [...world.both.peers, peer], docs: [...world.both.docs, doc]};
	await agree(three, text);
	doc.insert(0, '+');
	await agree(three, `+${text}`);
	const names = fs.readdirSync(path.join(world.cluster.folder(0), 'demo'));
	assert.deepEqual(names.filter(name => name.includes('lost')), [], 'nothing was lost');
	await end(world.cluster, three);
}

/* Everything is gone: with the servers' own folders, where there is nothing to begin from, too. */
async function flushed(stage) {
	for (const apart of [false, true]) {
		const world = await begin(path.join(stage, String(apart)), {apart}), {redis, both} = world;
		await redis.command('FLUSHALL');
		both.docs[1].insert(4, '!');
		const third = await late(world);
		await back(both);
		await whole(world, third, 'kept!');
	}
}

/* An old copy, that knows the room, but not all of it; the fresh server could go on from that at once. */
async function restored(stage) {
	const world = await begin(stage), {redis, both} = world;
	const dump = path.join(stage, 'redis', 'appendonlydir'), copy = path.join(stage, 'copy');
	await redis.kill();
	fs.cpSync(dump, copy, {recursive: true});
	await redis.again();
	both.docs[0].insert(4, ' and more');
	await agree(both, 'kept and more');
	await redis.kill();
	fs.rmSync(dump, {recursive: true});
	fs.cpSync(copy, dump, {recursive: true});
	await redis.again();
	const third = await late(world);
	await back(both);
	await whole(world, third, 'kept and more');
}

/* Somebody has deleted the room, and nothing else. */
async function vanished(stage) {
	const world = await begin(stage, {args: []}), {redis, cluster, both} = world;
	const file = path.join(cluster.rooms, 'demo', 'a.txt');
	await eventually(() => fs.existsSync(file), 'the file');
	both.docs[0].insert(4, ' and more');
	await agree(both, 'kept and more');
	assert.equal(await redis.command('DEL', LOG, STATE), ':2');
	const third = await late(world);
	await back(both);
	await whole(world, third, 'kept and more');
}

/*
 * Two servers do not hear of it while the room is lost and begun anew elsewhere: it goes on as it is. What they hold is put beside
 * the file, and everybody is told.
 */
async function cutOff(stage) {
	const world = await begin(stage), {redis, cluster, both} = world;
	const stopped = cluster.hosts.slice(0, 2), file = path.join(cluster.rooms, 'demo', 'a.txt.lost~');
	stopped.forEach(host => host.child.kill('SIGSTOP'));
	await redis.command('FLUSHALL');
	const {peer, doc} = await late(world);
	doc.insert(0, 'anew');
	await peer.until(() => doc.inStep(), 'the ack');
	assert.equal(doc.toString(), 'anew');
	stopped.forEach(host => host.child.kill('SIGCONT'));
	await eventually(() => [file, `${file}2`].every(name => fs.existsSync(name) && fs.readFileSync(name, 'utf8') === 'kept'),
		'what either held');
	await Promise.all(both.peers.map(p => p.until(() => p.closed, 'that it is sent away')));
	for (const p of both.peers)
		await retry(() => p.connect());
	const three = {peers: [...both.peers, peer], docs: [...both.docs, doc]};
	await agree(three, 'anew');
	for (const p of three.peers)
		await p.until(() => p.errors.some(e => e.text.includes('a.txt.lost~')), 'the notice');
	await end(cluster, three);
}

/* A server that was cut off, while nothing was lost, finds nothing amiss: not even when the history began anew meanwhile. */
async function behind(stage) {
	const world = await begin(stage), {redis, cluster, both} = world;
	cluster.hosts[1].child.kill('SIGSTOP');
	both.docs[0].insert(4, ' and more');
	await both.peers[0].until(() => both.docs[0].inStep(), 'the ack');
	await redis.command('FLUSHALL');
	await both.peers[0].until(() => both.peers[0].closed, 'that it is sent away');
	await retry(() => both.peers[0].connect());
	both.docs[0].insert(0, '(');
	await both.peers[0].until(() => both.docs[0].inStep(), 'the ack');
	cluster.hosts[1].child.kill('SIGCONT');
	await both.peers[1].until(() => both.peers[1].closed, 'that it is sent away');
	await retry(() => both.peers[1].connect());
	await whole(world, await late(world), '(kept and more');
}

/* People type all the while; everything is lost, or an old copy comes back; a server is killed, and others come by one that is fresh. */
async function typing(stage) {
	console.log(`SEED=${SEED} ROUNDS=${ROUNDS}`);
	const dice = random(SEED), redis = await Redis.start(path.join(stage, 'redis'), {lines: ['appendfsync always']});
	const cluster = await Cluster.start(stage, {servers: 3, redis}), known = new Set(), url = cluster.invite('demo', 'owner');
	const dump = path.join(stage, 'redis', 'appendonlydir'), copy = path.join(stage, 'copy');
	const people = Array.from({length: 6}, (_, i) => new Person(Cluster.at(url, cluster.hosts[i % 2]), i, SEED, known));
	const comeBack = async person => {
		await retry(async () => {
			person.peer.cut();
			person.peer.url.port = cluster.port(dice);
			await person.peer.connect();
		});
	};
	for (const person of people) {
		await retry(() => person.peer.connect());
		person.doc = await person.peer.open('words.txt', true);
	}
	for (let round = 0; round < ROUNDS; round++) {
		await redis.kill('SIGTERM');
		fs.rmSync(copy, {recursive: true, force: true});
		fs.cpSync(dump, copy, {recursive: true});
		await redis.again();
		const over = {over: false}, lives = people.map(person => person.live(over, 60));
		const settling = {over: false}, stays = people.map(async person => {
			while (!settling.over) {
				if (person.peer.closed && !person.peer.online)
					await comeBack(person);
				await sleep(10);
			}
		});
		const size = known.size;
		await eventually(() => known.size > size + 30, 'some words');
		if (round % 2) {
			await redis.kill();
			fs.rmSync(dump, {recursive: true});
			fs.cpSync(copy, dump, {recursive: true});
			await sleep(dice.below(1500));
			await redis.again();
		} else {
			await redis.command('FLUSHALL');
		}
		await sleep(dice.below(1500));
		people[dice.below(6)].peer.cut(); // and so comes by any server, perhaps one that knows nothing of the room
		const after = known.size;
		await eventually(() => known.size > after + 60, 'words after that');
		over.over = true;
		await Promise.all(lives);
		await settled(people);
		settling.over = true;
		await Promise.all(stays);
		assertWhole(people, known);
		const names = fs.readdirSync(path.join(cluster.rooms, 'demo'));
		assert.deepEqual(names.filter(name => name.includes('lost')), [], 'nothing was lost');
	}
	await end(cluster, {peers: people.map(person => person.peer)});
}

const tests = {flushed, restored, vanished, cutOff, behind, typing};

run(async () => {
	const only = process.argv[2];
	for (const [name, test] of Object.entries(tests))
		if (!only || only === name) {
			await test(path.join(scratch(), name));
			console.log(`${name}: as it should be`);
		}
});
