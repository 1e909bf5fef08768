/*
 * hostile.js: eighty people are connected, and COUNT hostile connections come meanwhile.
 *
 *	COUNT=600 PARALLEL=300 SEED=1 PULSE=build/tests/faults/faults-pulse CODECOLLAB=build/codecollab node hostile.js
 *
 * Ten write (a key a block, every 100 ms) and seventy watch. Passes when they all end with the same text, a newcomer could join in
 * the middle, nothing is left of the hostile, and the server's memory stayed below RSS_MB. (Who never reads is crowd.c's business.)
 * Times are told, not judged; with PULSE, by a process (pulse.c) that has thirty people more and little else to do.
 */
'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const https = require('node:https');
const path = require('node:path');
const {spawn} = require('node:child_process');
const {Peer, parseUrl, upgrade} = require('../e2e/peer.js');
const {Host, eventually, run, scratch} = require('../e2e/host.js');
const {random} = require('../e2e/random.js');
const wire = require('../e2e/wire.js');

const COUNT = Number(process.env.COUNT ?? 600);
const PARALLEL = Number(process.env.PARALLEL ?? 300);
const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
const RSS_MB = Number(process.env.RSS_MB ?? 600);
const WRITERS = 10, WATCHERS = 70;
const PAUSE_MS = 100, BLOCK = 500, MOST = 5000;
const codec = wire.binary;

const delays = [];

function get(host, where) {
	return new Promise((resolve, reject) => https.get(
		{host: '127.0.0.1', port: host.port, path: where, rejectUnauthorized: false, agent: false}, response => {
			let body = '';
			response.on('data', part => (body += part));
			response.on('end', () => resolve({status: response.statusCode, body}));
		}).on('error', reject));
}

async function metric(host, name) {
	const {body} = await get(host, '/metrics');
	return Number(body.split('\n').find(line => line.startsWith(`codecollab_${name} `)).split(' ')[1]);
}

/* A client that keeps no text: it only hears how far the text is. */
async function watcher(url, name) {
	const ws = await upgrade(parseUrl(url), {
		subprotocols: [codec.subprotocol], headers: {Authorization: `Bearer ${parseUrl(url).token}`},
	});
	const me = {ws, rev: 0, closed: null};
	ws.on('error', () => {});
	ws.on('close', code => (me.closed = code));
	ws.on('message', (frame, isBinary) => {
		for (const message of codec.decode(frame, isBinary)) {
			if (message.t === 'edit' || message.t === 'opened')
				me.rev = message.rev;
			if (message.t === 'opened')
				me.open = true;
		}
	});
	ws.send(codec.encode({t: 'hello', v: 1, name, color: '', session: '', docs: []}));
	ws.send(codec.encode({t: 'open', path: 'a.txt', create: false}));
	await eventually(() => me.open, `${name} opened`);
	return me;
}

async function writer(url, index) {
	const peer = new Peer({url, name: `w${index}`, codec: index % 2 ? 'json' : 'binary'});
	const sent = new Map();
	await peer.connect();
	peer.doc = await peer.open();
	peer.on('sent', (doc, seq) => sent.set(seq, performance.now()));
	peer.on('message', m => m.t === 'ack' && delays.push(performance.now() - sent.get(m.seq)));
	return peer;
}

function write(peer, dice) {
	const size = peer.doc.text.points;
	if (size > MOST)
		peer.doc.remove(dice.below(size - BLOCK), BLOCK);
	else
		peer.doc.insert(dice.below(size + 1), 'abcdefghij'.repeat(BLOCK / 10));
}

function resident(host) {
	const line = fs.readFileSync(`/proc/${host.child.pid}/status`, 'utf8').match(/VmRSS:\s+(\d+)/);
	return Number(line[1]) / 1024;
}

function attack(host, seed) {
	const order = {url: host.viewer, count: COUNT, parallel: PARALLEL, seed};
	const child = spawn(process.execPath, [path.join(__dirname, 'attack.js'), JSON.stringify(order)],
		{stdio: ['ignore', 'inherit', 'inherit']});
	process.on('exit', () => child.kill('SIGKILL'));
	return new Promise((resolve, reject) => child.on('close', status => (status === 0 ? resolve()
		: reject(new Error(`the attack ended with ${status}`)))));
}

/* All of them, but few at a time: this process must not be too slow for the server's patience. */
async function few(count, make) {
	const made = [];
	while (made.length < count) {
		const next = Array.from({length: Math.min(5, count - made.length)}, (_, i) => make(made.length + i));
		made.push(...await Promise.all(next));
	}
	return made;
}

/* Other people, from another process: resolves with what they say of their waiting when they are told to go. */
function pulse(url) {
	const child = spawn(process.env.PULSE, [url], {stdio: ['pipe', 'pipe', 'inherit']});
	let words = '';
	process.on('exit', () => child.kill('SIGKILL'));
	child.stdout.on('data', data => (words += data));
	const gone = new Promise((resolve, reject) => child.on('close', status => (status === 0 ? resolve(words)
		: reject(new Error(`the pulse ended with ${status}`)))));
	return () => {
		child.stdin.end();
		return gone;
	};
}

function percentile(values, share) {
	const sorted = [...values].sort((a, b) => a - b);
	return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))].toFixed(1);
}

run(async () => {
	const stage = scratch(), file = path.join(stage, 'a.txt'), dice = random(SEED);
	fs.writeFileSync(file, 'hello\n');
	console.log(`SEED=${SEED} COUNT=${COUNT} PARALLEL=${PARALLEL}`);
	const host = await Host.start({file, state: path.join(stage, 'state'),
		args: ['--max-handshake', '2', '--max-failures', '1000000']});
	const writers = await few(WRITERS, i => writer(host.editor, i));
	const watchers = await few(WATCHERS, i => watcher(host.viewer, `v${i}`));

	const beat = process.env.PULSE ? pulse(host.editor) : () => '';

	let most = 0;
	const clock = setInterval(() => {
		writers.forEach(peer => write(peer, dice));
		most = Math.max(most, resident(host));
	}, PAUSE_MS);
	let over = false;
	const attacked = attack(host, SEED).then(() => (over = true));
	await eventually(() => over || delays.length > 50, 'edits under attack');
	const late = await writer(host.editor, WRITERS);
	writers.push(late);
	await attacked;
	clearInterval(clock);
	process.stdout.write(await beat());

	for (const peer of writers)
		await peer.until(() => peer.doc.inStep(), 'the acks');
	const rev = Math.max(...writers.map(peer => peer.doc.rev));
	for (const peer of writers) {
		await peer.until(() => peer.doc.rev === rev, `revision ${rev}`);
		assert.strictEqual(peer.doc.toString(), writers[0].doc.toString());
	}
	await eventually(() => watchers.every(me => me.rev === rev), 'the watchers in step');
	assert.ok(watchers.every(me => me.closed === null), 'a watcher lost its connection');
	while (await metric(host, 'connections') !== WRITERS + 1 + WATCHERS)
		await new Promise(resolve => setTimeout(resolve, PAUSE_MS));
	assert.strictEqual((await get(host, '/healthz')).body, 'ok\n');
	assert.ok(most < RSS_MB, `the server took ${most} MiB`);
	console.log(`edit to ack: p50 ${percentile(delays, 0.5)} ms, p99 ${percentile(delays, 0.99)} ms, `
		+ `${delays.length} edits; at most ${most.toFixed(0)} MiB`);
	assert.strictEqual(await host.stop(), 0);
	assert.strictEqual(fs.readFileSync(file, 'utf8'), writers[0].doc.toString());
});
