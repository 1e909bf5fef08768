/*
 * pairs.js: two people, on two servers of a cluster, who have one text open.
 *
 *	const both = await pair(cluster, 'demo'), {peers, docs, url} = both;
 *	docs[0].insert(0, 'a');  await agree(both, 'a');
 *	await end(cluster, both);
 */
'use strict';

const assert = require('node:assert');
const path = require('node:path');
const {Peer} = require('../e2e/peer.js');
const {Cluster, Redis} = require('../e2e/redis.js');

async function pair(cluster, room) {
	const url = cluster.invite(room, 'owner');
	const peers = [0, 1].map(i => new Peer({url: Cluster.at(url, cluster.hosts[i]), name: `p${i}`}));
	const docs = [];
	for (const peer of peers) {
		await peer.connect();
		docs.push(await peer.open('a.txt', true));
	}
	return {peers, docs, url};
}

async function agree({peers, docs}, text) {
	for (const [i, peer] of peers.entries())
		await peer.until(() => docs[i].inStep() && docs[i].toString() === text, `"${text}"`);
}

const told = (peer, words) => peer.until(() => peer.errors.some(e => e.text.startsWith(words)), words);

async function end(cluster, {peers}) {
	await Promise.all(peers.map(peer => peer.close()));
	for (const host of cluster.hosts)
		assert.equal(await host.stop(), 0, `the server's exit: ${host.words}`);
	await cluster.redis.kill('SIGTERM');
}

/*
 * Of a Redis that loses nothing when it is killed. (With everysec it puts off writing while the disk is slow, and answers all the same:
 * then the servers give back what is missing, and send everybody away to come back.)
 */
const safe = async stage => Cluster.start(stage, {servers: 2,
	redis: await Redis.start(path.join(stage, 'redis'), {lines: ['appendfsync always']})});

/* They were sent away to come back. */
async function back({peers}) {
	for (const peer of peers) {
		await peer.until(() => peer.closed, 'that it is sent away');
		await retry(() => peer.connect());
	}
}

async function retry(what) {
	for (let tries = 0; ; tries++) {
		try {
			return await what();
		} catch (error) {
			if (tries > 100)
				throw error;
			await new Promise(resolve => setTimeout(resolve, 100));
		}
	}
}

module.exports = {agree, back, end, pair, retry, safe, told};
