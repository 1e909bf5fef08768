/*
 * drain.js: a server is asked to end (SIGTERM) while many people type and its disk is slow.
 *
 * Everybody is told goodbye, with a time after which to come back, behind the last of what they were promised; the server ends by itself,
 * with all that it acknowledged or showed on the disk and in the file. It is started again on a disk that is fast, everybody comes back,
 * and every word that was typed is there once.
 *
 * What slows the disk is strace; without it, or where it may not trace, this is skipped (77). The time it took is told.
 *
 *	CLIENTS=50 SLOW_MS=300 SEED=1 CODECOLLAB=build/codecollab node drain.js
 */
'use strict';

const assert = require('node:assert');
const {spawnSync} = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const {Host, run, scratch} = require('../e2e/host.js');
const {Person, assertWhole, settled, sleep} = require('./people.js');

const CLIENTS = Number(process.env.CLIENTS ?? 50);
const SLOW_MS = Number(process.env.SLOW_MS ?? 300);
const PAUSE_MS = 1000; // all of them are this one process, that hears each word CLIENTS times
const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));

if (spawnSync('strace', ['-qq', '-o', '/dev/null', 'true']).status !== 0) {
	console.log('skipped: no strace that may trace here');
	process.exit(77);
}

/*
 * The program, each flush of the history's log as slow as told; -D keeps it our child, so that signals reach it. Leaks cannot be looked
 * for while it is traced.
 */
function slow(stage, log) {
	const wrapper = path.join(stage, 'slow');
	fs.writeFileSync(wrapper, `#!/bin/sh\nexport ASAN_OPTIONS=detect_leaks=0\nexec strace -D -f -qq -o /dev/null -P '${log}' -e trace=fdatasync `
		+ `-e inject=fdatasync:delay_enter=${SLOW_MS * 1000} '${process.env.CODECOLLAB}' "$@"\n`, {mode: 0o755});
	return wrapper;
}

async function drain() {
	console.log(`SEED=${SEED} CLIENTS=${CLIENTS} SLOW_MS=${SLOW_MS}`);
	const stage = scratch(), file = path.join(stage, 'words.txt'), state = path.join(stage, 'state'), known = new Set();
	const sound = process.env.CODECOLLAB;
	fs.writeFileSync(file, '');
	process.env.CODECOLLAB = slow(stage, path.join(state, 'rooms/slow/room.db-wal'));
	let host = await Host.start({file, state, args: ['--room', 'slow']})
		.finally(() => (process.env.CODECOLLAB = sound));
	const {port} = host, byes = new Map();
	const people = Array.from({length: CLIENTS}, (_, i) => new Person(host.editor, i, SEED, known));
	people.forEach(p => p.peer.on('message', m => m.t === 'bye' && byes.set(p, m)));
	await Promise.all(people.map(p => p.arrive()));
	const until = {over: false}, lives = people.map(p => p.live(until, PAUSE_MS));
	await people[0].peer.until(() => known.size > 3 * CLIENTS, 'some words known');

	const began = performance.now();
	assert.equal(await host.stop('SIGTERM'), 0, `the server's exit: ${host.words}`);
	console.log(`ended ${((performance.now() - began) / 1000).toFixed(1)} s after SIGTERM, ${known.size} words known`);
	await Promise.all(people.map(p => p.peer.until(() => p.peer.closed, 'the close')));
	for (const person of people) {
		assert.equal(byes.get(person)?.code, 'restart');
		assert.ok(byes.get(person).retry > 0, 'when to come back');
		assert.equal(person.peer.closed.code, 1001);
	}
	const left = fs.readFileSync(file, 'utf8');
	assert.deepEqual([...known].filter(word => !left.includes(word)), [], 'acknowledged or seen, and not in the file');

	host = await Host.start({file, state, listen: `127.0.0.1:${port}`});
	await Promise.all(people.map(p => p.comeBack()));
	await sleep(100);
	until.over = true;
	await Promise.all(lives);
	await settled(people);
	const text = assertWhole(people, known);
	await Promise.all(people.map(p => p.peer.close()));
	assert.equal(await host.stop(), 0, `the server's exit: ${host.words}`);
	assert.ok(fs.readFileSync(file, 'utf8') === text, 'the file after the server went');
}

run(drain);
