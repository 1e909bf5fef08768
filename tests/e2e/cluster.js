/*
 * cluster.js: people on different servers of a cluster see each other as if they were on one: text, carets, who is there and what they
 * do, chat, roles, locks, kicks; and a server that dies, as it is told.
 */
'use strict';

const assert = require('node:assert');
const {execFileSync} = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const {eventually, run, scratch} = require('./host.js');
const {Peer} = require('./peer.js');
const prometheus = require('./prometheus.js');
const {Cluster} = require('./redis.js');

async function join(url, host, name) {
	const peer = new Peer({url: Cluster.at(url, host), name});
	peer.keepsLog = true;
	await peer.connect();
	return peer;
}

/* Until the server refuses it: what is revoked is heard within a second or so. */
async function refused(url, host) {
	for (;;) {
		const peer = new Peer({url: Cluster.at(url, host), name: 'nobody'});
		try {
			await peer.connect();
		} catch (error) {
			if (error.status)
				return error.status;
			continue; // was in already when that was heard of
		}
		await peer.close();
	}
}

/* What this server says of itself to an owner of all. */
function status(cluster, host) {
	const url = new URL(Cluster.at(cluster.invite('demo', 'owner'), host));
	return JSON.parse(execFileSync(process.env.CODECOLLAB, ['status', '--json', String(url)], {encoding: 'utf8'}))[0].status;
}

async function cluster() {
	const stage = scratch(), cluster = await Cluster.start(stage), [one, two, three] = cluster.hosts;
	fs.mkdirSync(path.join(cluster.rooms, 'demo'), {recursive: true});
	fs.writeFileSync(path.join(cluster.rooms, 'demo', 'a.txt'), 'hello\n');
	fs.writeFileSync(path.join(cluster.rooms, '.editorconfig'), 'root = true\n[*.txt]\ntab_width = 3\n');
	const owner = cluster.invite('demo', 'owner'), editor = cluster.invite('demo', 'editor');

	const ada = await join(owner, one, 'Ada'), ben = await join(editor, two, 'Ben');
	const text = await ada.open('a.txt'), same = await ben.open('a.txt');
	assert.equal(same.toString(), 'hello\n');
	for (const peer of [ada, ben])
		assert.deepEqual(await peer.until(() => peer.log.find(m => m.t === 'style'), 'what the file asks for'),
			{t: 'style', doc: text.id, asks: [{name: 'tab_width', value: '3'}]});

	/* text, and the one file */
	text.insert(5, ' there');
	same.insert(0, '> ');
	await ada.until(() => text.inStep() && text.toString() === '> hello there\n', 'both edits');
	await ben.until(() => same.inStep() && same.toString() === '> hello there\n', 'both edits');
	await eventually(() => fs.readFileSync(path.join(cluster.rooms, 'demo', 'a.txt'), 'utf8') === '> hello there\n', 'the file');
	await ben.until(() => ben.saved.size, 'that it is saved');

	/* each server counts its own people, and how long the order took */
	for (const host of [one, two]) {
		const page = prometheus.parse((await host.get('/metrics')).body);
		prometheus.lint(page);
		assert.equal(page.value('codecollab_people'), 1);
		assert.equal(page.value('codecollab_edits_received_total'), 1);
		assert.equal(page.value('codecollab_unstored_bytes'), 0);
		assert.ok(page.value('codecollab_backplane_seconds_count') > 0, 'orders');
		const {list, edits, people} = status(cluster, host);
		assert.deepEqual({edits, people, list: list.map(r => [r.room, r.edits, r.people.map(p => p.name)])},
			{edits: 1, people: 1, list: [['demo', 2, ['Ada', 'Ben']]]});
	}

	/* what another program writes */
	fs.appendFileSync(path.join(cluster.rooms, 'demo', 'a.txt'), 'outside\n');
	await ben.until(() => same.toString() === '> hello there\noutside\n', 'what was written outside');

	/* who wrote what, and when */
	ben.send({t: 'history', doc: same.id, from: 0, to: 100});
	const past = await ben.until(() => ben.log.find(m => m.t === 'history'), 'the history');
	assert.deepEqual(past.edits.map(e => e.name).sort(), ['Ada', 'Ben', 'disk']);
	assert.ok(past.edits.every(e => Math.abs(Date.now() - e.at) < 60000), 'when they were made');

	/* carets, states, chat, one order of all of it */
	same.select([[2, 7]]);
	await ada.until(() => text.carets.get(ben.user), 'the caret');
	ben.send({t: 'activity', state: 'typing'});
	await ada.until(() => ada.people.get(ben.user).state === 'typing', 'that Ben types');
	ada.send({t: 'say', text: 'from one'});
	ben.send({t: 'say', text: 'from two'});
	await ada.until(() => ada.chat.length === 2, 'the chat');
	await ben.until(() => ben.chat.length === 2, 'the chat');
	assert.deepEqual(ada.chat, ben.chat);

	/* a document made on one is there on the other, for who comes later, too */
	const made = await ben.open('b.txt', true);
	made.insert(0, 'new');
	await ben.until(() => made.inStep(), 'the ack');
	const cleo = await join(editor, three, 'Cleo');
	assert.equal((await cleo.open('b.txt')).toString(), 'new');
	assert.deepEqual([...cleo.people.values()].map(p => p.name).sort(), ['Ada', 'Ben', 'Cleo']);

	/* a file that cannot be written: all are told, and who asks for a save is told again; it is written when it can be */
	const place = path.join(cluster.rooms, 'demo', 'b.txt'), first = made.toString();
	await eventually(() => fs.existsSync(place) && fs.readFileSync(place, 'utf8') === first, 'the first save');
	fs.unlinkSync(place);
	fs.mkdirSync(place);
	const told = peer => peer.errors.filter(e => /b\.txt is a folder/.test(e.text)).length;
	made.insert(0, '>');
	await Promise.all([ada, ben].map(peer => peer.until(() => told(peer) > 0, 'what is wrong')));
	const before = told(ben);
	ben.send({t: 'file', do: 'save', path: 'b.txt', to: ''});
	await ben.until(() => told(ben) > before, 'the same, to who asks');
	fs.rmdirSync(place);
	await eventually(() => fs.existsSync(place) && fs.readFileSync(place, 'utf8') === `>${first}`, 'the save');

	/* roles, the lock, a kick: said on one, held on all */
	ada.send({t: 'admin', do: 'role', user: ben.user, arg: 'viewer'});
	await cleo.until(() => cleo.people.get(ben.user).role === 'viewer', 'the role');
	same.insert(0, 'no');
	await ben.refusal('read-only');
	ada.send({t: 'admin', do: 'lock', user: 0, arg: ''});
	ada.send({t: 'say', text: 'locked'});
	await cleo.until(() => cleo.chat.length === 3, 'what was said after the lock');
	await assert.rejects(join(editor, two, 'Dan'), /closed with 1008/);
	ada.send({t: 'admin', do: 'unlock', user: 0, arg: ''});
	ada.send({t: 'admin', do: 'kick', user: cleo.user, arg: ''});
	await cleo.until(() => cleo.closed, 'the kick');
	await ada.until(() => !ada.people.has(cleo.user), 'that Cleo is gone');

	/* a token that is revoked on one server is good on none, and whoever came with it goes */
	const lent = cluster.invite('demo', 'editor'), dan = await join(lent, two, 'Dan');
	await ada.until(() => ada.people.has(dan.user), 'Dan');
	const id = JSON.parse(Buffer.from(lent.match(/t=[^.]*\.([^.]*)/)[1], 'base64url')).jti;
	execFileSync(process.env.CODECOLLAB, ['invite', '--state', cluster.state(0), '--revoke', id], {stdio: 'ignore'});
	await dan.until(() => dan.closed, 'that Dan is sent away');
	for (const host of cluster.hosts)
		assert.equal(await refused(lent, host), 403);

	/* what a server counts is of its own people, and how long the order takes */
	let body;
	do
		({body} = await two.get('/metrics'));
	while (!/^codecollab_people 1$/m.test(body)); // who was refused last may be leaving still
	assert.match(body, /^codecollab_unstored_bytes \d+$/m);
	assert.ok(Number(body.match(/^codecollab_backplane_seconds_count (\d+)$/m)[1]) > 5, body);

	/* a server that dies: its people are offline within ten seconds, and come back elsewhere as who they were */
	const died = performance.now(), user = ben.user;
	await cluster.kill(1);
	await ada.until(() => ada.people.get(user).state === 'offline', 'that Ben is offline');
	const took = performance.now() - died;
	assert.ok(took < 10000, `offline after ${took} ms`);
	ben.url.port = three.port;
	await ben.connect();
	assert.equal(ben.user, user);
	await ada.until(() => ada.people.get(user).state === 'active', 'that Ben is back');
	console.log(`offline after ${took.toFixed(0)} ms`);

	/* one that is stopped says so: they are told to come back, and the others need not wait to hear that they are away */
	const stopped = performance.now();
	assert.equal(await three.stop(), 0, `the server's exit: ${three.words}`);
	await ben.until(() => ben.log.some(m => m.t === 'bye' && m.retry > 0), 'the goodbye');
	await ada.until(() => ada.people.get(user).state === 'offline', 'that Ben is offline again');
	assert.ok(performance.now() - stopped < took, 'sooner than after a death');
	ben.url.port = one.port;
	await ben.connect();
	assert.equal(ben.user, user);

	await Promise.all([ada.close(), ben.close()]);
	assert.equal(await one.stop(), 0, `the server's exit: ${one.words}`);
}

run(cluster);
