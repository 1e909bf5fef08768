/*
 * apart.js: servers that share nothing but Redis and their keys: each has a state directory and a folder of rooms of its own.
 *
 *	node apart.js [TEST]
 */
'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const {eventually, run, scratch} = require('./host.js');
const {Peer} = require('./peer.js');
const {Cluster} = require('./redis.js');

const at = (url, host, name) => new Peer({url: Cluster.at(url, host), name});

async function end(cluster, peers) {
	await Promise.all(peers.map(peer => peer.close()));
	for (const host of cluster.hosts)
		assert.equal(await host.stop(), 0, `the server's exit: ${host.words}`);
	await cluster.redis.kill('SIGTERM');
}

/* What the server says to who may not come in. */
async function refusal(peer) {
	await assert.rejects(peer.connect());
	return peer.errors.map(({code}) => code);
}

/* A room comes into being when an owner joins it, on whichever server; then anybody may whose token is for it, on any. */
async function rooms(stage) {
	const cluster = await Cluster.start(stage, {apart: true}), [one, two, three] = cluster.hosts;
	const owner = cluster.invite('demo', 'owner'), editor = cluster.invite('demo', 'editor'), viewer = cluster.invite('demo', 'viewer');
	for (const [url, host] of [[editor, one], [viewer, two], [editor, three]])
		assert.deepEqual(await refusal(at(url, host, 'too soon')), ['no-such-room']);
	assert.equal(await cluster.redis.command('KEYS', '*{demo}*'), '*0', 'nothing of it in Redis');
	for (let i = 0; i < 3; i++)
		assert.ok(!fs.existsSync(path.join(cluster.folder(i), 'demo')), `nothing of it on server ${i}`);

	/* an editor who asks while the owner comes in is let in, or asks in vain: nothing in between */
	const ada = at(owner, two, 'Ada');
	await ada.connect();
	const text = await ada.open('a.txt', true);
	text.insert(0, 'made');
	await ada.until(() => text.inStep(), 'the ack');
	const peers = [ada];
	for (const host of cluster.hosts) {
		const ben = at(editor, host, 'Ben');
		await ben.connect();
		assert.equal((await ben.open('a.txt')).toString(), 'made');
		peers.push(ben);
	}
	const {errors} = peers.at(-1);
	assert.deepEqual(errors, []);

	/* who writes its files has a folder for them, also when that is not where it began */
	await eventually(() => fs.existsSync(path.join(cluster.folder(1), 'demo', 'a.txt')), 'the file');
	await cluster.kill(1);
	await eventually(() => [0, 2].some(i => fs.existsSync(path.join(cluster.folder(i), 'demo', 'a.txt'))), 'the file elsewhere');
	cluster.hosts.splice(1, 1);
	await end(cluster, peers.filter(peer => !peer.closed));
}

/* What a newer version has written is not gone on with: the people go elsewhere, and are told. */
async function newer(stage) {
	const cluster = await Cluster.start(stage, {apart: true, servers: 2, args: ['--idle', '1']}), {redis} = cluster;
	const owner = cluster.invite('demo', 'owner'), ada = at(owner, cluster.hosts[0], 'Ada');
	await ada.connect();
	const text = await ada.open('a.txt', true);
	text.insert(0, 'ours');
	await ada.until(() => text.inStep(), 'the ack');
	await eventually(() => fs.existsSync(path.join(cluster.folder(0), 'demo', 'a.txt')), 'the file');

	/* an entry behind ours, as a server of version 2 would append it */
	const log = 'codecollab:{demo}:log', state = 'codecollab:{demo}:state';
	const epoch = await redis.string('HGET', state, 'epoch');
	assert.match(await redis.string('XADD', log, `${epoch}-*`, 'e', '\x02\x01\x01\x00'), /^\d+-\d+$/);
	await ada.until(() => ada.closed, 'that Ada is sent away');
	await eventually(() => /demo: a newer version of codecollab serves this room/.test(cluster.hosts[0].words), 'the log');
	for (const role of ['owner', 'editor'])
		await assert.rejects(at(cluster.invite('demo', role), cluster.hosts[0], 'late').connect(), error => error.status === 503);
	assert.deepEqual(await refusal(at(owner, cluster.hosts[1], 'late')), ['internal'], 'who reads it there first');

	/* and a snapshot, once what was read of it has left memory */
	assert.equal(await redis.command('HSET', state, 'bytes', '\x02'), ':0');
	const told = cluster.hosts[1].words.length;
	for (let refused = []; !refused.length; await new Promise(resolve => setTimeout(resolve, 50)))
		refused = await refusal(at(owner, cluster.hosts[1], 'later'));
	assert.match(cluster.hosts[1].words.slice(told), /a newer version/);
	assert.equal(fs.readFileSync(path.join(cluster.folder(0), 'demo', 'a.txt'), 'utf8'), 'ours');
	await end(cluster, []);
}

const tests = {rooms, newer};

run(async () => {
	const only = process.argv[2];
	for (const [name, test] of Object.entries(tests))
		if (!only || only === name) {
			await test(path.join(scratch(), name));
			console.log(`${name}: as it should be`);
		}
});
