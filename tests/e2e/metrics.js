/*
 * metrics.js: the page for Prometheus: its form, and that each number counts what it says, against what was done.
 */
'use strict';

const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const {Host, run, scratch} = require('./host.js');
const {Peer} = require('./peer.js');
const prometheus = require('./prometheus.js');

async function page(host) {
	const {status, body} = await host.get('/metrics');
	assert.equal(status, 200);
	return prometheus.parse(body);
}

/* Waits until the page says so: a connection's end is noticed a little later by the server. */
async function until(host, condition, what) {
	const end = Date.now() + 60000;
	for (;;) {
		const now = await page(host);
		if (condition(now))
			return now;
		assert.ok(Date.now() < end, `never: ${what}`);
		await new Promise(resolve => setTimeout(resolve, 20));
	}
}

async function come(url, name) {
	const peer = new Peer({url, codec: 'binary', name});
	await peer.connect();
	return peer;
}

run(async () => {
	const stage = scratch(), state = path.join(stage, 'state');
	const host = await Host.start({rooms: path.join(stage, 'rooms'), state});
	const empty = await page(host);
	prometheus.lint(empty);
	for (const name of ['connections', 'people', 'rooms', 'documents', 'edits_received_total', 'resumes_total', 'unstored_bytes'])
		assert.equal(empty.value(`codecollab_${name}`), 0, name);
	assert.equal(empty.value('codecollab_commit_seconds_count'), 0);

	const ada = await come(host.invite('secret-room', 'owner'), 'Ada Secret'), ben = await come(host.invite('secret-room'), 'Ben');
	const a = await ada.open('private.txt', true), b = await ben.open('private.txt');
	for (const word of ['one', 'two', 'six'])
		a.insert(0, word);
	await ben.until(() => b.toString() === 'sixtwoone', 'the words');
	await ada.until(() => a.inStep(), 'the acks');
	let now = await page(host);
	prometheus.lint(now);
	assert.equal(now.value('codecollab_connections'), 2);
	assert.equal(now.value('codecollab_people'), 2);
	assert.equal(now.value('codecollab_rooms'), 1);
	assert.equal(now.value('codecollab_documents'), 1);
	assert.equal(now.value('codecollab_edits_received_total'), 3);
	assert.equal(now.value('codecollab_edits_sent_total'), 3, 'to one other');
	assert.equal(now.value('codecollab_transforms_total'), 0, 'nobody else wrote');
	assert.equal(now.value('codecollab_messages_received_total', {type: 'hello'}), 2);
	assert.equal(now.value('codecollab_messages_sent_total', {type: 'ack'}), 3);
	assert.equal(now.value('codecollab_queued_bytes'), 0);
	assert.equal(now.value('codecollab_received_bytes_total'), ada.bytes.out + ben.bytes.out);
	assert.equal(now.value('codecollab_sent_bytes_total'), ada.bytes.in + ben.bytes.in);
	assert.ok(now.value('codecollab_commit_seconds_count') > 0, 'commits');
	assert.ok(now.value('codecollab_commit_seconds_sum') > 0, 'their time');
	assert.ok(now.value('process_resident_memory_bytes') > 1 << 20);

	/* An edit on an old revision is moved past what it had not seen: three edits of Ada's. */
	ben.send({t: 'edit', doc: b.id, rev: 0, seq: 1, op: ['x']});
	await ada.until(() => a.rev === 4, 'the late edit');
	assert.equal((await page(host)).value('codecollab_transforms_total'), 3);

	const eve = await come(host.invite('secret-room'), 'Eve'), e = await eve.open('private.txt');
	eve.cut();
	await eve.connect();
	await eve.until(() => e.inStep(), 'resumed');
	now = await page(host);
	assert.equal(now.value('codecollab_resumes_total'), 1);
	eve.send({t: 'diverged', doc: e.id, rev: e.rev});
	now = await until(host, p => p.value('codecollab_diverged_total') === 1, 'the divergence');

	const url = new URL(host.invite('secret-room'));
	url.hash = url.hash.replace(/t=[^&]*/, 't=a.b.c');
	await assert.rejects(come(String(url), 'Nobody'));
	now = await until(host, p => p.value('codecollab_refused_total', {reason: '401'}) === 1, 'the refusal');
	const body = (await host.get('/metrics')).body;
	for (const secret of ['secret-room', 'Ada', 'private', '127.0.0.1'])
		assert.ok(!body.includes(secret), `${secret} is on the page`);

	await Promise.all([ada, ben, eve].map(peer => peer.close()));
	now = await until(host, p => p.value('codecollab_people') === 0 && p.value('codecollab_connections') === 0, 'nobody');
	assert.equal(now.value('codecollab_edits_received_total'), 4, 'counters stay');

	/* What the manual lists is what there is. */
	const manual = fs.readFileSync(process.argv[2], 'utf8').split('.Sh METRICS')[1].split('.Sh ')[0];
	const told = manual.match(/^\.It .*/gm).flatMap(line => line.match(/(codecollab|process)_\w+/g)).sort();
	assert.deepEqual(told, [...now.families.keys(), 'codecollab_backplane_seconds'].sort());
	assert.equal(await host.stop(), 0);
});
