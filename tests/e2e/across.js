/*
 * across.js: whatever people do to each other in a room is done, whichever servers of a cluster they are on: read receipts, following,
 * states and places, invitations, bans, roles and locks that outlive the server they were given on, leaving, and the end.
 */
'use strict';

const assert = require('node:assert');
const {eventually, run, scratch} = require('./host.js');
const {Peer} = require('./peer.js');
const {Cluster} = require('./redis.js');

async function join(url, host, name) {
	const peer = new Peer({url: Cluster.at(url, host), name});
	peer.keepsLog = true;
	await peer.connect();
	return peer;
}

const told = (peer, what, holds) => peer.until(() => peer.log.find(m => m.t === what && holds(m)), what);

async function refusal(url, host) {
	try {
		const peer = await join(url, host, 'nobody');
		await peer.close();
		return undefined;
	} catch (error) {
		return error.status ?? error.message;
	}
}

/* What was said on another server is heard within a second or so. */
async function refusedEverywhere(url, cluster, status) {
	for (const host of cluster.hosts)
		for (let tries = 0; await refusal(url, host) !== status; tries++) {
			assert.ok(tries < 300, `not refused at ${host.port}`);
			await new Promise(resolve => setTimeout(resolve, 100));
		}
}

async function across() {
	const stage = scratch(), cluster = await Cluster.start(stage), [one, two, three] = cluster.hosts;
	const owner = cluster.invite('demo', 'owner'), editor = cluster.invite('demo', 'editor');
	const ada = await join(owner, one, 'Ada'), ben = await join(editor, two, 'Ben'), cleo = await join(editor, three, 'Cleo');
	const text = await ada.open('a.txt', true), bens = await ben.open('a.txt'), cleos = await cleo.open('a.txt');

	/* what was read, who follows whom, what they do and where */
	ada.send({t: 'say', text: 'have you seen this?'});
	const {id} = await told(ben, 'said', m => m.user === ada.user);
	ben.send({t: 'seen', id});
	await told(ada, 'seen', m => m.user === ben.user && m.id === id);
	await told(cleo, 'seen', m => m.user === ben.user && m.id === id);
	for (const state of ['away', 'chatting', 'active']) {
		cleo.send({t: 'activity', state});
		await ada.until(() => ada.people.get(cleo.user).state === state, `that Cleo is ${state}`);
	}
	ben.send({t: 'activity', state: 'active', follows: ada.user});
	await told(ada, 'activity', m => m.user === ben.user && m.follows === ada.user);
	await told(cleo, 'activity', m => m.user === ben.user && m.follows === ada.user);

	/* somebody who comes in later hears of all that */
	const late = await join(editor, two, 'Late');
	await told(late, 'activity', m => m.user === ben.user && m.follows === ada.user);
	await told(late, 'seen', m => m.user === ben.user && m.id === id);
	await late.close();
	await told(ada, 'leave', m => m.user === late.user && m.why === 'left');
	await eventually(() => /event=leave .*name="Late"/.test(two.words), 'that it is in the log of the server they were on');
	assert.ok(!one.words.includes('"Late"') && !three.words.includes('"Late"'), 'and in no other');

	/* an invitation that is made on one is good on all; a ban, too */
	ada.send({t: 'admin', do: 'invite', user: 0, arg: 'editor 1h Guest'});
	const {url} = await told(ada, 'invited', m => m.role === 'editor');
	assert.ok(!ben.log.some(m => m.t === 'invited') && !cleo.log.some(m => m.t === 'invited'), 'it is for Ada alone');
	const guest = await join(url, three, '');
	assert.equal(ada.people.get(guest.user)?.name ?? (await told(ada, 'join', m => m.user === guest.user)).name, 'Guest');
	ada.send({t: 'admin', do: 'ban', user: guest.user, arg: ''});
	await guest.until(() => guest.closed, 'that the guest is sent away');
	await refusedEverywhere(url, cluster, 403);

	/* a role and a lock that were given on a server that is dead */
	ada.send({t: 'admin', do: 'role', user: ben.user, arg: 'viewer'});
	ada.send({t: 'admin', do: 'lock', user: 0, arg: ''});
	await told(cleo, 'role', m => m.user === ben.user && m.role === 'viewer');
	ada.send({t: 'say', text: 'locked'});
	await told(cleo, 'said', m => m.text === 'locked');
	await cluster.kill(0);
	for (const [peer, host] of [[ben, three], [ada, two]]) {
		peer.cut();
		peer.url.port = host.port;
		await peer.connect();
	}
	assert.equal(ben.role, 'viewer');
	assert.equal(ada.role, 'owner');
	bens.insert(0, 'no');
	await ben.refusal('read-only');
	assert.match(await refusal(editor, three), /closed with 1008/);
	ada.send({t: 'admin', do: 'unlock', user: 0, arg: ''});
	text.insert(0, 'yes');
	await cleo.until(() => cleos.toString() === 'yes', 'what Ada typed on her new server');

	/* the end, for all */
	ada.send({t: 'admin', do: 'end', user: 0, arg: ''});
	await Promise.all([ada, ben, cleo].map(peer => peer.until(() => peer.closed, 'the end')));
	for (const peer of [ada, ben, cleo])
		assert.ok(peer.log.some(m => m.t === 'bye' && m.retry === 0), `${peer.hello.name} was told that it is the end`);
	assert.equal(await two.stop(), 0, `the server's exit: ${two.words}`);
	assert.equal(await three.stop(), 0, `the server's exit: ${three.words}`);
	await cluster.redis.kill('SIGTERM');
}

run(across);
