/*
 * asleep.js: what nobody has open leaves the memory of every server of a cluster, and is back, as it was, for whoever comes: documents,
 * also those that another program writes meanwhile, and rooms.
 */
'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const {eventually, run, scratch} = require('./host.js');
const {Peer} = require('./peer.js');
const {Cluster} = require('./redis.js');

const BIG = 'a line of a file that is large, and that nobody needs for long\n'.repeat(65000);
const MOST_ADDRESSES_KB = 2 ** 33; // who has more is watched by a sanitizer, which keeps what is freed

async function join(url, host, name) {
	const peer = new Peer({url: Cluster.at(url, host), name, codec: 'binary'});
	await peer.connect();
	return peer;
}

function memory(hosts) {
	const all = hosts.map(host => fs.readFileSync(`/proc/${host.child.pid}/status`, 'utf8'));
	const sum = name => all.reduce((kB, status) => kB + Number(status.match(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm'))[1]), 0);
	return {kB: sum('VmRSS'), watched: sum('VmSize') > MOST_ADDRESSES_KB};
}

async function count(host, what) {
	const {body} = await host.get('/metrics');
	return Number(body.match(new RegExp(`^${what} (\\d+)$`, 'm'))[1]);
}

async function until(hosts, what, n) {
	for (let tries = 0; ; tries++) {
		const counts = await Promise.all(hosts.map(host => count(host, what)));
		if (counts.every(c => c === n))
			return;
		assert.ok(tries < 600, `${what}: ${counts}, not ${n} each`);
		await new Promise(resolve => setTimeout(resolve, 100));
	}
}

/* They read no more of it. */
function close(peer, doc) {
	peer.send({t: 'close', doc: doc.id});
	doc.open = false;
}

async function asleep() {
	const stage = scratch(), cluster = await Cluster.start(stage, {args: ['--idle', '2']}), [one, two, three] = cluster.hosts;
	const folder = path.join(cluster.rooms, 'demo'), file = path.join(folder, 'big.txt'), both = [one, two];
	fs.mkdirSync(folder, {recursive: true});
	fs.writeFileSync(file, BIG);
	fs.writeFileSync(path.join(folder, 'small.txt'), '');
	const url = cluster.invite('demo', 'owner'), ada = await join(url, one, 'Ada'), ben = await join(url, two, 'Ben');
	const small = await ada.open('small.txt');
	let big = await ben.open('big.txt');

	/* large, and changed: out of memory once it is closed; what is open stays */
	big.insert(0, 'Ben was here\n');
	await ben.until(() => big.inStep(), 'the ack');
	await eventually(() => fs.readFileSync(file, 'utf8').startsWith('Ben was here\n'), 'the file'); /* which takes memory, too */
	const full = memory(both);
	close(ben, big);
	await until(both, 'codecollab_documents', 1);
	const empty = memory(both);
	console.log(`${full.kB} kB with it, ${empty.kB} kB without${full.watched ? ', but a sanitizer watches' : ''}`);
	assert.ok(full.watched || full.kB - empty.kB > 1.5 * BIG.length / 1024, 'what it took is given back by both');

	/* a snapshot that is made meanwhile has it: for a server that was not there before */
	for (let i = 0; i < 60; i++) {
		small.insert(0, `${'x'.repeat(9999)}\n`);
		await ada.until(() => small.inStep(), 'the ack');
	}
	for (let tries = 0; await cluster.redis.string('HGET', 'codecollab:{demo}:state', 'position') === '0'; tries++) {
		assert.ok(tries < 300, 'no snapshot');
		await new Promise(resolve => setTimeout(resolve, 100));
	}
	assert.equal(await count(one, 'codecollab_documents'), 1);
	const cleo = await join(url, three, 'Cleo'), same = await cleo.open('big.txt');
	assert.ok(same.toString() === `Ben was here\n${BIG}`);
	same.insert(0, 'and Cleo\n');
	await cleo.until(() => same.inStep(), 'the ack');
	big = await ben.open('big.txt');
	assert.ok(big.toString() === `and Cleo\nBen was here\n${BIG}`);
	big.remove(0, 9);
	await cleo.until(() => same.inStep() && same.toString() === `Ben was here\n${BIG}`, 'what Ben took away');
	await eventually(() => fs.readFileSync(file, 'utf8') === `Ben was here\n${BIG}`, 'the file');
	close(ben, big);
	close(cleo, same);
	await until(cluster.hosts, 'codecollab_documents', 1);

	/* another program writes it: that is merged, and then it leaves again */
	fs.appendFileSync(file, 'outside\n');
	big = await ben.open('big.txt');
	await ben.until(() => big.toString().endsWith('\noutside\n'), 'what was written outside');
	assert.ok(big.toString() === `Ben was here\n${BIG}outside\n`);
	assert.ok(!fs.existsSync(`${file}.outside~`));
	close(ben, big);
	await until(cluster.hosts, 'codecollab_documents', 1);

	/* and the room, where nobody is */
	await Promise.all([ada, ben, cleo].map(peer => peer.close()));
	await until(cluster.hosts, 'codecollab_rooms', 0);
	const dan = await join(url, two, 'Dan');
	assert.ok((await dan.open('big.txt')).toString() === `Ben was here\n${BIG}outside\n`);
	await dan.close();
	assert.deepEqual(await cluster.stop(), [0, 0, 0]);
	await cluster.redis.kill('SIGTERM');
}

run(asleep);
