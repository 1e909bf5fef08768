/*
 * cluster.js: what sharing rooms by Redis costs: one server alone, and one, two and three of a cluster; the whole table, or the rows that
 * are named.
 *
 *	CODECOLLAB=build/codecollab BENCH=build/codecollab-bench node cluster.js [--secs S] [--servers N]... [ROW]...
 *
 * The people of each room are spread over the servers; those alone are kept by SQLite with --durability process, which survives the same as
 * an AOF that is written every second. A key that somebody sees a tenth of a second later is not in time. CPU is that of all servers and of
 * Redis, not that of the people. Run it where nothing else does: with N processors it is for N or more programs.
 *
 * Exit status 1 when people's texts differ, or a key is lost.
 */
'use strict';

const assert = require('node:assert');
const {spawn} = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const {parseArgs} = require('node:util');
const {Host, run, scratch} = require('../e2e/host.js');
const {Cluster} = require('../e2e/redis.js');

const SERVERS = [0, 1, 2, 3]; // 0: alone, without Redis
const LIMITS = ['--max-edits', '1000000', '--max-people', '2000'];
const HERTZ = 100; // of /proc/PID/stat, on every Linux

/* name: rooms, people of all of them, and how they type: keys a second each, or as many as may be under way; most: more and more */
const rows = {
	'few people': {rooms: 1, clients: 6, rate: 5},
	'a room of 30': {rooms: 1, clients: 30, rate: 10},
	'a room of 60': {rooms: 1, clients: 60, rate: 10},
	'a room of 120': {rooms: 1, clients: 120, rate: 10},
	'3 rooms of 10': {rooms: 3, clients: 30, rate: 10},
	'10 rooms of 6': {rooms: 10, clients: 60, rate: 10},
	'30 rooms of 6': {rooms: 30, clients: 180, rate: 5},
	'100 rooms of 3': {rooms: 100, clients: 300, rate: 2},
	'one after the other': {rooms: 1, clients: 12, window: 1},
	'as fast as can be': {rooms: 1, clients: 12, window: 16},
	'the same, 6 rooms': {rooms: 6, clients: 36, window: 16},
	'until it is full': {rooms: 1, clients: 12, rate: 100, most: true},
	check: {rooms: 2, clients: 12, rate: 20},
};
const CHECKS = ['check']; // no part of the table: to see that all of this works

function seconds(pid) {
	const fields = fs.readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/.*\) /, '').split(' ');
	return (Number(fields[11]) + Number(fields[12])) / HERTZ;
}

function load({clients, rate, window}, urls, pids, secs) {
	const pace = window ? ['--window', window] : ['--rate', rate];
	const args = ['load', ...urls, '--clients', clients, ...pace, '--secs', secs, '--json', ...pids.flatMap(pid => ['--pid', pid])];
	return new Promise((resolve, reject) => {
		const child = spawn(process.env.BENCH ?? 'codecollab-bench', args.map(String), {stdio: ['ignore', 'pipe', 'inherit']});
		let words = '';
		child.stdout.on('data', data => (words += data));
		child.on('error', reject);
		child.on('close', code => code === 0 ? resolve(JSON.parse(words))
			: reject(new Error(`codecollab-bench load ended with ${code}: ${words}`)));
	});
}

/* The servers that the row needs, and where its people go in. */
async function stand(row, servers) {
	const stage = scratch(), names = Array.from({length: row.rooms}, (_, i) => `room-${i}`);
	for (const name of names) {
		fs.mkdirSync(path.join(stage, 'rooms', name), {recursive: true});
		fs.writeFileSync(path.join(stage, 'rooms', name, 'a.txt'), 'int one_line_of_a_text(const char *of, size_t len);\n'.repeat(20));
	}
	if (!servers) {
		const host = await Host.start({rooms: path.join(stage, 'rooms'), state: path.join(stage, 'state'),
			args: ['--durability', 'process', ...LIMITS]});
		return {urls: names.map(name => host.invite(name, 'owner')), pids: [host.child.pid], end: () => host.stop()};
	}
	const cluster = await Cluster.start(stage, {servers, args: LIMITS});
	const invited = names.map(name => cluster.invite(name, 'owner'));
	return {
		urls: cluster.hosts.flatMap(host => invited.map(url => Cluster.at(url, host))),
		pids: cluster.hosts.map(host => host.child.pid),
		redis: cluster.redis.child.pid,
		end: async () => {
			await cluster.stop();
			await cluster.redis.kill();
		},
	};
}

/* More and more keys, until they are late. */
async function fill(row, there, secs) {
	let best;
	for (let rate = row.rate; ; rate *= 1.5) {
		const said = await load({...row, rate: Math.round(rate)}, there.urls, there.pids, secs);
		if (said.in_time < 0.99)
			return best ?? said;
		best = said;
	}
}

function show(name, servers, said, redis) {
	const keys = 1000 / said.typed, all = said.server_cpu * said.secs + redis;
	console.log([name.padEnd(20), servers ? `${servers} by Redis` : 'alone     ',
		...[[said.edits_per_s, 0, 9], [100 * said.in_time, 1, 7], [said.ack_p50_ms, 2, 8], [said.delivery_p50_ms, 2, 8], [said.delivery_p99_ms, 1, 8],
			[said.server_cpu * said.secs * keys, 3, 9], [redis * keys, 3, 8], [said.delivered / all / 1000, 1, 9]]
			.map(([value, digits, width]) => value.toFixed(digits).padStart(width))].join(' '));
}

async function one(name, servers, secs) {
	const row = rows[name], there = await stand(row, servers), before = there.redis ? seconds(there.redis) : 0;
	const said = row.most ? await fill(row, there, secs) : await load(row, there.urls, there.pids, secs);
	assert.equal(said.delivered, said.typed * (said.clients / said.rooms - 1), 'every key once to everybody else');
	/* of more and more only the last is told, and Redis has served them all */
	show(name, servers, said, there.redis && !row.most ? seconds(there.redis) - before : 0);
	await there.end();
}

run(async () => {
	process.setMaxListeners(0); // each stage waits for the end, to be cleared away
	const {values, positionals} = parseArgs({allowPositionals: true,
		options: {secs: {type: 'string', default: '5'}, servers: {type: 'string', multiple: true}}});
	const names = positionals.length ? positionals : Object.keys(rows).filter(name => !CHECKS.includes(name));
	for (const name of names)
		assert.ok(rows[name], `no row "${name}"; there are: ${Object.keys(rows).join(', ')}`);
	console.log('                                  keys/s  in time      ack everybody\'s ms   CPU s / 1000 keys  thousand');
	console.log('                                               %   p50 ms      p50      p99   servers    Redis  deliv./CPU s');
	for (const name of names)
		for (const servers of values.servers?.map(Number) ?? SERVERS)
			await one(name, servers, Number(values.secs));
});
