/*
 * io.js: the disk answers with errors for a while: fdatasync, then writes, in the server's history only.
 *
 * People are told, type on, and are told when all is stored again; nothing that was acknowledged or seen is gone, also when the server
 * is killed in the middle. The errors come from strace; without it, or where it may not trace, this is skipped (77).
 */
'use strict';

const assert = require('node:assert');
const {spawnSync} = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const {Host, run, scratch} = require('../e2e/host.js');
const {Person, assertWhole, settled} = require('./people.js');

const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
const FAULTS = ['fdatasync:error=EIO:when=30..32', 'pwrite64:error=EIO:when=60..61', 'pwrite64:error=ENOSPC:when=60..61'];

if (spawnSync('strace', ['-qq', '-o', '/dev/null', 'true']).status !== 0) {
	console.log('skipped: no strace that may trace here');
	process.exit(77);
}

/* The program, its system calls on the history's log failing as told; -D keeps it our child, so that signals reach it. */
function faulty(stage, log, inject) {
	const wrapper = path.join(stage, 'faulty');
	fs.writeFileSync(wrapper, `#!/bin/sh\nexec strace -D -f -qq -o /dev/null -P '${log}' -e trace=fdatasync,pwrite64 -e inject=${inject} `
		+ `'${process.env.CODECOLLAB}' "$@"\n`, {mode: 0o755});
	return wrapper;
}

async function suffer(inject, killed) {
	const stage = scratch(), file = path.join(stage, 'words.txt'), state = path.join(stage, 'state'), known = new Set();
	const sound = process.env.CODECOLLAB;
	fs.writeFileSync(file, '');
	process.env.CODECOLLAB = faulty(stage, path.join(state, 'rooms/faulty/room.db-wal'), inject);
	let host = await Host.start({file, state, args: ['--room', 'faulty']}).finally(() => (process.env.CODECOLLAB = sound));
	const {port} = host;
	const people = Array.from({length: 3}, (_, i) => new Person(host.editor, i, SEED, known));
	await Promise.all(people.map(p => p.arrive()));
	const until = {over: false}, lives = people.map(p => p.live(until));
	const told = words => Promise.all(people.map(p =>
		p.peer.until(() => p.peer.errors.some(e => e.text.startsWith(words)), `"${words}"`)));
	await told('Nothing is being stored');
	if (killed) {
		assert.equal(await host.stop('SIGKILL'), 'SIGKILL');
		host = await Host.start({file, state, listen: `127.0.0.1:${port}`});
		await Promise.all(people.map(p => p.comeBack()));
	} else {
		await told('Stored again');
	}
	until.over = true;
	await Promise.all(lives);
	await settled(people);
	const text = assertWhole(people, known);
	await Promise.all(people.map(p => p.peer.close()));
	await host.stop();
	assert.ok(fs.readFileSync(file, 'utf8') === text, 'the file after the server went');
	console.log(`${inject}${killed ? ', killed' : ''}: ${known.size} words known, all there`);
}

run(async () => {
	console.log(`SEED=${SEED}`);
	for (const inject of FAULTS)
		for (const killed of [false, true])
			await suffer(inject, killed);
});
