/*
 * cluster.js: what sharing rooms by Redis costs: one server alone, and one, two and three of a cluster.
 *
 *	CODECOLLAB=build/codecollab BENCH=build/codecollab-bench node cluster.js [--secs S] [--clients N] [--rate R | --window W] [--rooms K]
 *
 * The people of each room are spread over the servers. Figures of all people together: keys a second, how soon a key is everybody's,
 * processor seconds of all servers and of Redis for a thousand keys.
 */
'use strict';

const assert = require('node:assert');
const {spawnSync} = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const {parseArgs} = require('node:util');
const {Host, run, scratch} = require('../e2e/host.js');
const {Cluster} = require('../e2e/redis.js');

const {values: options} = parseArgs({options: {
	secs: {type: 'string', default: '5'}, clients: {type: 'string', default: '30'}, rate: {type: 'string', default: '10'},
	window: {type: 'string'}, rooms: {type: 'string', default: '1'},
}});
const HERTZ = 100; // of /proc/PID/stat, on every Linux

function seconds(pid) {
	const fields = fs.readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/.*\) /, '').split(' ');
	return (Number(fields[11]) + Number(fields[12])) / HERTZ;
}

function measure(name, urls, pids, redis) {
	const pace = options.window ? ['--window', options.window] : ['--rate', options.rate];
	const args = ['load', ...urls, '--clients', options.clients, ...pace, '--secs', options.secs, '--json'];
	const before = [pids, redis ? [redis] : []].map(list => list.reduce((sum, pid) => sum + seconds(pid), 0));
	const result = spawnSync(process.env.BENCH ?? 'codecollab-bench', args, {encoding: 'utf8'});
	assert.equal(result.status, 0, result.stdout + result.stderr);
	const after = [pids, redis ? [redis] : []].map(list => list.reduce((sum, pid) => sum + seconds(pid), 0));
	const said = JSON.parse(result.stdout.trim().split('\n').at(-1));
	return {name, said, servers: after[0] - before[0], redis: after[1] - before[1]};
}

async function bench() {
	const rows = [];
	const rooms = Array.from({length: Number(options.rooms)}, (_, i) => `room-${i}`);
	const prepare = dir => rooms.forEach(room => {
		fs.mkdirSync(path.join(dir, room), {recursive: true});
		fs.writeFileSync(path.join(dir, room, 'a.txt'), '');
	});
	const alone = scratch();
	prepare(path.join(alone, 'rooms'));
	const host = await Host.start({rooms: path.join(alone, 'rooms'), state: path.join(alone, 'state')});
	rows.push(measure('alone', rooms.map(room => host.invite(room, 'owner')), [host.child.pid]));
	await host.stop();
	for (let servers = 1; servers <= 3; servers++) {
		const stage = scratch();
		prepare(path.join(stage, 'rooms'));
		const cluster = await Cluster.start(stage, {servers});
		const urls = rooms.map(room => cluster.invite(room, 'owner'));
		const spread = cluster.hosts.flatMap(at => urls.map(url => Cluster.at(url, at)));
		rows.push(measure(`${servers} by Redis`, spread, cluster.hosts.map(at => at.child.pid), cluster.redis.child.pid));
		for (const at of cluster.hosts)
			await at.stop();
		await cluster.redis.kill();
	}
	for (const {name, said, servers, redis} of rows)
		console.log(`${name.padEnd(12)} ${said.edits_per_s.toFixed(0).padStart(7)} keys/s  everybody's after `
			+ `${said.delivery_p50_ms.toFixed(1)} ms, p99 ${said.delivery_p99_ms.toFixed(1)} ms  `
			+ `for 1000 keys: servers ${(1000 * servers / said.typed).toFixed(2)} s, Redis ${(1000 * redis / said.typed).toFixed(2)} s`);
}

run(bench);
