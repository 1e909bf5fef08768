/*
 * kill9.js: people type, the server is killed with -9 at a random moment and started again, ROUNDS times over.
 *
 * After each round everybody has the same text; every word that was acknowledged or seen by somebody is in it, none twice, and so is
 * every other that was typed; at the end the file is that text. With --durability memory a killed server may have lost what was
 * seen, and merges what everyone has: there only equality is asked for.
 *
 *	ROUNDS=200 CLIENTS=8 SEED=1 CODECOLLAB=build/codecollab node kill9.js [--durability WHAT]
 */
'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const {Host, eventually, run, scratch} = require('../e2e/host.js');
const {random} = require('../e2e/random.js');
const {Person, assertEqual, assertWhole, settled, sleep} = require('./people.js');

const ROUNDS = Number(process.env.ROUNDS ?? 8);
const CLIENTS = Number(process.env.CLIENTS ?? 8);
const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
const args = process.argv.slice(2);
const check = args.includes('memory') ? assertEqual : assertWhole;

async function kill9() {
	console.log(`SEED=${SEED} ROUNDS=${ROUNDS} CLIENTS=${CLIENTS} ${args.join(' ')}`);
	const dice = random(SEED ^ 0x5eed), stage = scratch(), file = path.join(stage, 'words.txt'), known = new Set();
	fs.writeFileSync(file, '');
	let host = await Host.start({file, state: path.join(stage, 'state'), args});
	const {port} = host;
	const start = () => Host.start({file, state: path.join(stage, 'state'), listen: `127.0.0.1:${port}`, args});
	const people = Array.from({length: CLIENTS}, (_, i) => new Person(host.editor, i, SEED, known));
	await Promise.all(people.map(p => p.arrive()));

	let text, slowest = 0;
	for (let round = 0; round < ROUNDS; round++) {
		const until = {over: false};
		const lives = people.map(p => p.live(until));
		await sleep(50 + dice.below(400));
		assert.equal(await host.stop('SIGKILL'), 'SIGKILL');
		await sleep(dice.below(100)); // they type on without it
		const began = performance.now();
		host = await start();
		slowest = Math.max(slowest, performance.now() - began);
		await Promise.all(people.map(p => p.comeBack()));
		await sleep(dice.below(100));
		until.over = true;
		await Promise.all(lives);
		await settled(people);
		text = check(people, known);
	}
	await eventually(() => fs.readFileSync(file, 'utf8') === text, 'the text in the file');
	console.log(`${ROUNDS} kills, ${known.size} words known of ${people.reduce((sum, p) => sum + p.count, 0)} typed, `
		+ `revision ${people[0].doc.rev}; slowest start ${slowest.toFixed(0)} ms`);
	await Promise.all(people.map(p => p.peer.close()));
	assert.equal(await host.stop(), 0, `the server's exit: ${host.words}`);
	assert.ok(fs.readFileSync(file, 'utf8') === text, 'the file after the server went');
}

run(kill9);
