/*
 * servers.js: what a server of codecollab costs, beside what others' cost: the whole table, or the rows that are named.
 *
 *	CODECOLLAB=build/codecollab BENCH=build/codecollab-bench node servers.js [--secs S] [--durability WHAT]... [ROW]...
 *
 * The server has the first processor and the people (codecollab-bench load) have the second; run it where nothing else does. A bar is
 * to be reached on two idle processors; "*" marks a figure that does not. Exit status 1 only when people's texts differ, a key is lost, or a
 * figure misses its bar that is no matter of time.
 */
'use strict';

const {spawn, spawnSync} = require('node:child_process');
const assert = require('node:assert');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const {parseArgs} = require('node:util');
const {Host, run, scratch} = require('../e2e/host.js');

const BENCH = process.env.BENCH ?? 'codecollab-bench';
const TALLY = process.env.TALLY ?? path.join(path.dirname(BENCH), 'codecollab-tally.so');
const KEPT = ['memory', 'process', 'disk'];

const least = bar => ({bar, holds: value => value >= bar, sign: '>='});
const most = bar => ({bar, holds: value => value <= bar, sign: '<='});

/*
 * name: {text: bytes of the document, past: a recording that made it, rooms: how many, load: who comes, figures: [what, field, bar],
 *	socket: people come by the local one, flood: who comes to the first room meanwhile, tally: count what the server asks for memory, sure: the bars hold on any machine}
 */
const rows = {
	room: {load: ['--clients', '200', '--rate', '10'], figures: [
		['in time', 'in_time', least(1)],
		['key to everybody, p50 ms', 'delivery_p50_ms'],
		['key to everybody, p99 ms', 'delivery_p99_ms', most(10)],
		['CPU s per 1000 keys', 'server_s_per_1000_edits', most(0.62)],
		['server CPU', 'server_cpu'],
		['people CPU', 'own_cpu']]},
	window16: {load: ['--clients', '10', '--window', '16'], figures: [
		['keys per CPU s', 'edits_per_server_s', least(200000)],
		['keys per s', 'edits_per_s'],
		['ack p50 ms', 'ack_p50_ms'],
		['people CPU', 'own_cpu']]},
	window1: {load: ['--clients', '10', '--window', '1'], figures: [
		['keys per CPU s', 'edits_per_server_s', least(35000)],
		['keys per s', 'edits_per_s'],
		['ack p50 ms', 'ack_p50_ms'],
		['people CPU', 'own_cpu']]},
	rooms: {rooms: 200, load: ['--clients', '400', '--rate', '5'], figures: [
		['in time', 'in_time', least(1)],
		['key to the other, p50 ms', 'delivery_p50_ms'],
		['key to the other, p99 ms', 'delivery_p99_ms', most(0.5)],
		['CPU s per 1000 keys', 'server_s_per_1000_edits', most(0.03)],
		['people CPU', 'own_cpu']]},
	flood: {rooms: 2, flood: ['--clients', '10', '--window', '64'], load: ['--clients', '2', '--rate', '5'], figures: [
		['beside a flood: in time', 'in_time', least(1)],
		['key to the other, p50 ms', 'delivery_p50_ms'],
		['key to the other, p99 ms', 'delivery_p99_ms', most(10)],
		['flood, keys per s', 'flood_edits_per_s']]},
	idle: {load: ['--clients', '1000'], secs: 1, figures: [
		['kB per connection', 'server_kb_per_client', most(28)],
		['CPU ms per join', 'server_ms_per_join'],
		['join p50 ms', 'open_p50_ms']]},
	plain: {socket: true, load: ['--clients', '1000'], secs: 1, figures: [
		['without TLS, kB each', 'server_kb_per_client', most(9)],
		['CPU ms per join', 'server_ms_per_join'],
		['join p50 ms', 'open_p50_ms']]},
	rest: {rooms: 50, load: ['--clients', '50'], figures: [
		['50 rooms, wakes per s', 'server_wakes_per_s', most(20)],
		['server CPU', 'server_cpu']]},
	join: {text: 1000000, load: ['--clients', '50'], secs: 1, figures: [
		['1 MB, join p50 ms', 'open_p50_ms', most(4)],
		['CPU ms per join', 'server_ms_per_join']]},
	past: {text: 0, past: 'automerge-paper', load: ['--clients', '50'], secs: 1, figures: [
		['100 kB, 260,000 edits: ms', 'open_p50_ms', most(1.5)],
		['CPU ms per join', 'server_ms_per_join']]},
	memory: {load: ['--clients', '10', '--rate', '20'], tally: true, sure: true, figures: [
		['ours per key', 'allocations_per_edit', most(0.5)],
		['of TLS etc. per key', 'library_allocations_per_edit'],
		['of the store per key', 'thread_allocations_per_edit']]},
	key: {load: ['--clients', '2', '--writers', '1', '--rate', '20'], figures: [
		['bytes to the server', 'up_bytes_per_edit', most(21)],
		['bytes to the other', 'listener_bytes_per_edit', most(17)],
		['bytes to the author', 'writer_bytes_per_edit'],
		['ack p50 ms', 'ack_p50_ms']]},
	few: {load: ['--clients', '6', '--rate', '20'], figures: [
		['in time', 'in_time'],
		['ack p50 ms', 'ack_p50_ms']]},
	eager: {load: ['--clients', '3', '--window', '8', '--writers', '2'], figures: [
		['keys per s', 'edits_per_s'],
		['ack p50 ms', 'ack_p50_ms']]},
	pairs: {rooms: 3, load: ['--clients', '6', '--rate', '20'], figures: [
		['in time', 'in_time'],
		['ack p50 ms', 'ack_p50_ms']]},
	here: {socket: true, load: ['--clients', '3', '--rate', '20'], figures: [
		['in time', 'in_time'],
		['ack p50 ms', 'ack_p50_ms']]},
	written: {text: 0, past: 'sveltecomponent', load: ['--clients', '2'], secs: 1, figures: [
		['join p50 ms', 'open_p50_ms']]},
};
const CHECKS = ['few', 'eager', 'pairs', 'here', 'written']; /* no part of the table: to see that all of this works */

const line = 'int one_line_of_a_text(const char *of, size_t len);\n';

/* A command on one processor of its own, where there are two. */
const on = (processor, ...argv) => os.cpus().length > 1 ? ['taskset', '-c', String(processor), ...argv] : argv;

/* Where a server counts, and how it is made to. */
function tally(stage) {
	assert.ok(fs.existsSync(TALLY), `${TALLY} is not there: it is built without sanitizers, and named by TALLY`);
	const file = path.join(stage, 'tally');
	fs.writeFileSync(file, Buffer.alloc(64));
	return {env: {CODECOLLAB_TALLY: file, LD_PRELOAD: path.resolve(TALLY)}, argv: ['--tally', file]};
}

function load(host, urls, who, secs, more = [], before = []) {
	const argv = ['load', ...urls, '--pid', String(host.child.pid), '--secs', String(secs), '--json', ...who, ...more];
	return new Promise((resolve, reject) => {
		const [program, ...args] = on(1, ...before, BENCH, ...argv);
		const child = spawn(program, args, {stdio: ['ignore', 'pipe', 'inherit']});
		let words = '';
		child.stdout.on('data', data => (words += data));
		child.on('error', reject);
		child.on('close', code => {
			if (code === 0)
				resolve(JSON.parse(words));
			else
				reject(new Error(`codecollab-bench load ended with ${code}: ${words}`));
		});
	});
}

/* Who is in the last room, while others flood the first one from before until after; to them the processor goes last. */
async function beside(host, [first, last], row, secs) {
	const flood = load(host, [first], row.flood, secs + 2, [], ['nice', '-n', '19']);
	const measured = await load(host, [last], row.load, secs);
	return {...measured, flood_edits_per_s: (await flood).edits_per_s};
}

/* All edits of a recorded session, made before anybody comes. */
function write(url, past) {
	const [program, ...args] = on(1, BENCH, 'write', url, path.join(__dirname, 'traces', `${past}.cct`));
	assert.equal(spawnSync(program, args, {stdio: 'inherit'}).status, 0, 'the past is as recorded');
}

function show(name, durability, [what, field, bar], measured) {
	const value = measured[field];
	const beside = bar ? `${bar.sign} ${bar.bar}${bar.holds(value) ? '' : ' *'}` : '';
	console.log(`${name.padEnd(9)} ${durability.padEnd(8)} ${what.padEnd(25)} ${value.toPrecision(4).padStart(10)}  ${beside}`);
}

/* A room of one file, or many rooms with one each: how to start the server, and who may come where. */
function lay(row, stage) {
	const words = line.repeat(Math.ceil((row.text ?? 1000) / line.length)).slice(0, row.text ?? 1000);
	const write = (...names) => {
		const file = path.join(stage, ...names);
		fs.mkdirSync(path.dirname(file), {recursive: true});
		fs.writeFileSync(file, words);
		return file;
	};
	if (!row.rooms)
		return {what: {file: write('a.txt')}, urls: host => [row.socket ? host.socket : host.editor]};
	const names = Array.from({length: row.rooms}, (_, i) => `room-${i}`);
	for (const name of names)
		write('rooms', name, 'a.txt');
	return {what: {rooms: path.join(stage, 'rooms')}, urls: host => names.map(name => host.invite(name, 'editor'))};
}

async function measure(name, durability, secs) {
	const row = rows[name], stage = scratch(), {what, urls} = lay(row, stage);
	const {env, argv} = row.tally ? tally(stage) : {env: {}, argv: []};
	env.XDG_RUNTIME_DIR = stage;
	const host = await Host.start({...what, state: path.join(stage, 'state'), env,
		args: ['--durability', durability, '--max-edits', '1000000', '--max-people', '2000']});
	if (os.cpus().length > 1)
		spawnSync('taskset', ['-a', '-p', '-c', '0', String(host.child.pid)], {stdio: 'ignore'});
	if (row.past)
		write(host.editor, row.past);
	const measured = await (row.flood ? beside(host, urls(host), row, secs) : load(host, urls(host), row.load, row.secs ?? secs, argv));
	const others = measured.clients / measured.rooms - 1;
	assert.equal(measured.delivered, measured.typed * others, 'every key once to everybody else');
	for (const figure of row.figures)
		show(name, durability, figure, measured);
	for (const [what, field, bar] of row.sure ? row.figures : [])
		assert.ok(!bar || bar.holds(measured[field]), `${name}: ${what}`);
	await host.stop();
}

run(async () => {
	process.setMaxListeners(0); /* each stage waits for the end, to be cleared away */
	const {values, positionals} = parseArgs({allowPositionals: true,
		options: {secs: {type: 'string'}, durability: {type: 'string', multiple: true}}});
	const names = positionals.length ? positionals : Object.keys(rows).filter(name => !CHECKS.includes(name));
	for (const name of names)
		assert.ok(rows[name], `no row ${name}; there are: ${Object.keys(rows).join(' ')}`);
	for (const name of names)
		for (const durability of values.durability ?? KEPT)
			await measure(name, durability, Number(values.secs ?? 5));
});
