/*
 * full.js: the disk under the server's state fills up, and is freed again.
 *
 * People are told that nothing is being stored, and type on. Then, in turn: space comes back, and all is stored and told; the server is
 * killed while the disk is full, and nothing is gone that was acknowledged or seen; one person writes more than may wait in memory,
 * is sent away with 1013, and has it all stored later. Nobody new gets in meanwhile.
 *
 * The disk is a tmpfs in a mount namespace of this test's own. Where that is not allowed, it is skipped (77).
 */
'use strict';

const assert = require('node:assert');
const {spawnSync} = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const {Peer} = require('../e2e/peer.js');
const {Host, eventually, run, scratch} = require('../e2e/host.js');
const {Person, assertEqual, assertWhole, settled, sleep} = require('./people.js');

const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
const PIECE = 'x'.repeat(256 << 10), PIECES = 100; // 25 MiB; 16 may wait

/* Again, where a mount is ours alone: as root, or as root of a user namespace. */
function again() {
	for (const how of [['--mount'], ['--map-root-user', '--mount']]) {
		if (spawnSync('unshare', [...how, 'sh', '-c', 'mount -t tmpfs none /mnt']).status !== 0)
			continue;
		const {status} = spawnSync('unshare', [...how, process.execPath, __filename],
			{stdio: 'inherit', env: {...process.env, FULL_INSIDE: '1'}});
		process.exit(status ?? 1);
	}
	console.log('skipped: no mount namespaces here');
	process.exit(77);
}

class Disk {
	constructor(dir) {
		this.dir = dir;
		fs.mkdirSync(dir);
		assert.equal(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=96m', 'none', dir]).status, 0);
		this.ballast = path.join(dir, 'ballast');
	}

	fill() {
		const fd = fs.openSync(this.ballast, 'a');
		for (let size = 1 << 20; size >= 512; size /= 2) {
			const zeros = Buffer.alloc(size);
			try {
				for (;;)
					fs.writeSync(fd, zeros);
			} catch (error) {
				assert.equal(error.code, 'ENOSPC');
			}
		}
		fs.closeSync(fd);
	}

	free() {
		fs.rmSync(this.ballast);
	}
}

const noticed = (person, words, since) =>
	person.peer.until(() => person.peer.errors.slice(since).some(e => e.text.startsWith(words)), `"${words}"`);

/* Types until all have been told; the ones who only see, too. */
async function fillUp(disk, people) {
	const marks = people.map(p => p.peer.errors.length), until = {over: false}, began = performance.now();
	disk.fill();
	const lives = people.slice(1).map(p => p.live(until));
	await Promise.all(people.map((p, i) => noticed(p, 'Nothing is being stored', marks[i])));
	console.log(`told after ${((performance.now() - began) / 1000).toFixed(1)} s`);
	await sleep(300);
	until.over = true;
	await Promise.all(lives);
}

async function full() {
	console.log(`SEED=${SEED}`);
	process.on('exit', () => spawnSync('umount', ['--lazy', disk.dir])); // before scratch() removes what it is on
	const stage = scratch(), file = path.join(stage, 'words.txt'), known = new Set();
	const disk = new Disk(path.join(stage, 'disk')), state = path.join(stage, 'disk/state');
	fs.writeFileSync(file, '');
	let host = await Host.start({file, state});
	const {port} = host;
	const people = Array.from({length: 4}, (_, i) => new Person(host.editor, i, SEED, known));
	await Promise.all(people.map(p => p.arrive()));

	await fillUp(disk, people);
	await assert.rejects(new Peer({url: host.editor}).connect(), {status: 503});
	const marks = people.map(p => p.peer.errors.length);
	assert.ok(people.some(p => !p.doc.inStep()), 'something waits for its ack');
	disk.free();
	await Promise.all(people.map((p, i) => noticed(p, 'Stored again', marks[i])));
	await settled(people);
	assertWhole(people, known);

	await fillUp(disk, people);
	assert.equal(await host.stop('SIGKILL'), 'SIGKILL');
	disk.free();
	host = await Host.start({file, state, listen: `127.0.0.1:${port}`});
	await Promise.all(people.map(p => p.comeBack()));
	await settled(people);
	assertWhole(people, known);

	await fillUp(disk, people);
	const [writer] = people; // who sends again edit by edit what was not taken: together it would be too long a message
	for (let i = 0; i < PIECES && !writer.peer.closed; i++) {
		writer.doc.insert(0, PIECE);
		await sleep(5);
	}
	await writer.peer.until(() => writer.peer.closed, 'the close');
	assert.equal(writer.peer.closed.code, 1013);
	assert.ok(writer.peer.errors.some(e => e.code === 'too-fast'));
	for (const {peer} of people) // those who only read were behind for no fault of theirs
		if (peer.closed && peer !== writer.peer) {
			assert.equal(peer.closed.code, 1013);
			assert.match(peer.closed.reason, /waits to be stored/);
		}
	assert.ok(people.some(p => p !== writer && p.peer.closed), 'more waited for somebody than their queue holds');
	const rss = Number(/VmRSS:\s*(\d+)/.exec(fs.readFileSync(`/proc/${host.child.pid}/status`, 'utf8'))[1]) / 1024;
	console.log(`sent away; the server takes ${rss.toFixed(0)} MiB`);
	disk.free();
	await eventually(() => host.words.lastIndexOf('Stored again') > host.words.lastIndexOf('Nothing is'), 'stored again');
	await Promise.all(people.map(p => p.comeBack()));
	await settled(people);
	const text = assertEqual(people);
	assert.ok([...known].every(word => text.includes(word)));
	await Promise.all(people.map(p => p.peer.close()));
	assert.equal(await host.stop(), 0, `the server's exit: ${host.words}`);
	assert.ok(fs.readFileSync(file, 'utf8') === text, 'the file after the server went');
}

if (process.env.FULL_INSIDE)
	run(full);
else
	again();
