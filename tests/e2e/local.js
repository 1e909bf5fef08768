/*
 * local.js: the socket for this machine: who comes in by it and as what, what `list` shows, and what becomes of the sockets of the
 * killed. Written from codecollab-protocol(7): another client of the same WebSocket, without TLS and without a token.
 */
'use strict';

const assert = require('node:assert');
const {spawn, spawnSync} = require('node:child_process');
const fs = require('node:fs');
const http = require('node:http');
const https = require('node:https');
const path = require('node:path');
const WebSocket = require('ws');
const {Host, eventually, run, scratch} = require('./host.js');

const NOBODY = 65534, DAEMON = 1; // Debian's base-passwd
const program = process.env.CODECOLLAB ?? 'codecollab';

/* Resolves with the first messages until `type` comes, or rejects with error.status. */
function meet(socket, room, name, type = 'welcome') {
	return new Promise((resolve, reject) => {
		const ws = new WebSocket(`ws+unix://${socket}:/${room}`, ['codecollab.v1.json'], {perMessageDeflate: false});
		ws.on('error', reject);
		ws.on('unexpected-response', (request, response) => {
			request.destroy();
			reject(Object.assign(new Error(`HTTP ${response.statusCode}`), {status: response.statusCode}));
		});
		ws.on('open', () => ws.send(JSON.stringify({t: 'hello', v: 1, name, color: '', session: '', docs: []})));
		ws.on('message', data => {
			const message = JSON.parse(data);
			if (message.t === type)
				resolve(Object.assign(message, {ws}));
		});
	});
}

function get(socketPath, at) {
	return new Promise((resolve, reject) => http.get({socketPath, path: at}, response => {
		let body = '';
		response.on('data', data => (body += data));
		response.on('end', () => resolve({status: response.statusCode, body}));
	}).on('error', reject));
}

function metrics(port) {
	return new Promise((resolve, reject) => https.get({port, host: '127.0.0.1', path: '/metrics', rejectUnauthorized: false}, response => {
		let body = '';
		response.on('data', data => (body += data));
		response.on('end', () => resolve(body));
	}).on('error', reject));
}

/* `codecollab list --json`, as some user. */
function list(dir, who = {}) {
	const done = spawnSync(program, ['list', '--json', ...dir ? ['--socket-dir', dir] : []], {encoding: 'utf8', ...who});
	assert.equal(done.status, 0, done.stderr);
	return JSON.parse(done.stdout);
}

const roomsIn = (dir, who) => list(dir, who).map(room => room.room);
const modeOf = at => fs.lstatSync(at).mode & 0o7777;
const tell = (ws, message) => ws.send(JSON.stringify(message));

/* One's own user is an owner, without a token. */
async function ownUser(stage) {
	const dir = path.join(stage, 'sockets'), file = path.join(stage, 'a.txt'), state = path.join(stage, 'state');
	fs.writeFileSync(file, 'one\n');
	const host = await Host.start({file, state, args: ['--room', 'first', '--socket-dir', dir]});
	assert.equal(host.socket, path.join(dir, 'first.sock'));
	assert.deepEqual([modeOf(dir), modeOf(host.socket)], [0o700, 0o600]);

	assert.deepEqual(list(dir), [{room: 'first', file: 'a.txt', user: list(dir)[0].user, people: 0, names: '',
		socket: host.socket}]);
	const ada = await meet(host.socket, 'first', 'Ada');
	assert.equal(ada.role, 'owner');
	assert.deepEqual(JSON.parse((await get(host.socket, '/rooms')).body),
		[{room: 'first', file: 'a.txt', people: [{name: 'Ada', role: 'owner'}]}]);
	assert.deepEqual(list(dir).map(room => [room.people, room.names]), [[1, 'Ada']]);
	await assert.rejects(meet(host.socket, 'second', 'Ada'), {status: 404});
	assert.equal((await get(host.socket, '/metrics')).status, 404);
	assert.match(await metrics(host.port), /^codecollab_connections 1$/m);

	/* An edit goes the whole way to the file. */
	tell(ada.ws, {t: 'open', path: 'a.txt', create: false});
	const doc = await new Promise(resolve => ada.ws.on('message', data => {
		const message = JSON.parse(data);
		if (message.t === 'opened')
			resolve(message.doc);
	}));
	tell(ada.ws, {t: 'edit', doc, rev: 0, seq: 1, op: ['two ']});
	await eventually(() => fs.readFileSync(file, 'utf8') === 'two one\n', 'the edit in the file');

	/* Another server cannot have the name, and does not take it. */
	const other = {file: path.join(stage, 'b.txt'), state: path.join(stage, 'other'), args: ['--room', 'first', '--socket-dir', dir]};
	await assert.rejects(Host.start(other), /another server has that room there/);
	await meet(host.socket, 'first', 'Ben');

	/* A killed one is not shown, and makes room. */
	await host.stop('SIGKILL');
	assert.ok(fs.existsSync(host.socket));
	assert.deepEqual(list(dir), []);
	const again = await Host.start({file, state, args: ['--room', 'first', '--socket-dir', dir]});
	assert.deepEqual(roomsIn(dir), ['first']);
	assert.equal(await again.stop(), 0);
	assert.deepEqual(fs.readdirSync(dir), []);
}

/* Where it is not asked for, a socket that cannot be is only told of. */
async function default_(stage) {
	const start = (name, args = []) =>
		Host.start({file: path.join(stage, `${name}.txt`), state: path.join(stage, name), args: ['--room', 'third', ...args]});
	const first = await start('third');
	assert.equal(first.socket, path.join(process.env.XDG_RUNTIME_DIR, 'codecollab', 'third.sock'));
	const second = await start('fourth');
	assert.equal(second.socket, undefined);
	assert.match(second.words, /another server has that room there/);
	assert.ok(roomsIn().includes('third'));
	await first.stop();
	await second.stop();
	const none = await start('third', ['--no-socket']);
	assert.equal(none.socket, undefined);
	assert.ok(!roomsIn().includes('third'));
	await none.stop();
}

/* A folder of rooms: all of them by one socket, and a new one for its owner. */
async function rooms(stage) {
	const dir = path.join(stage, 'many'), folder = path.join(stage, 'rooms');
	fs.mkdirSync(path.join(folder, 'resting'), {recursive: true});
	const child = spawn(program, ['host', '--rooms', folder, '--headless', '--json', '--listen', '127.0.0.1:0', '--state',
		path.join(stage, 'seventh'), '--socket-dir', dir], {stdio: ['ignore', 'pipe', 'inherit']});
	const {socket} = await new Promise(resolve => child.stdout.once('data', data => resolve(JSON.parse(data))));
	assert.deepEqual(roomsIn(dir), ['resting']);
	const ada = await meet(socket, 'made-now', 'Ada');
	assert.deepEqual([ada.room, ada.role], ['made-now', 'owner']);
	assert.deepEqual(list(dir).map(room => [room.room, room.names]), [['made-now', 'Ada'], ['resting', '']]);
	await assert.rejects(meet(socket, '..', 'Ada'));
	ada.ws.close();
	child.kill();
	await new Promise(resolve => child.on('exit', resolve));
	assert.deepEqual(fs.readdirSync(dir), []);
}

/* A folder in which others may write is not believed. */
async function folder(stage) {
	const dir = path.join(stage, 'open'), file = path.join(stage, 'd.txt'), state = path.join(stage, 'fifth');
	fs.mkdirSync(dir);
	fs.chmodSync(dir, 0o777);
	await assert.rejects(Host.start({file, state, args: ['--socket-dir', dir]}), /local sockets/);
	fs.symlinkSync(path.join(stage, 'sockets'), path.join(stage, 'link'));
	fs.chmodSync(dir, 0o755);
	const host = await Host.start({file, state, args: ['--socket-dir', dir]});
	fs.chmodSync(dir, 0o777);
	assert.deepEqual(list(dir), []);
	fs.chmodSync(dir, 0o755);
	assert.equal(list(dir).length, 1);
	await host.stop();
}

/* Another user comes in by the group alone, with its role, and is known by the kernel's word. */
async function group(stage) {
	const dir = path.join(stage, 'shared'), file = path.join(stage, 'e.txt'), state = path.join(stage, 'sixth');
	const member = {uid: NOBODY, gid: DAEMON}, stranger = {uid: NOBODY, gid: NOBODY};
	const serve = args => Host.start({file, state, args: ['--room', 'group', '--socket-dir', dir, ...args]});

	const host = await serve(['--socket-group', 'daemon', '--socket-role', 'viewer']);
	assert.deepEqual([modeOf(dir), modeOf(host.socket), fs.statSync(host.socket).gid], [0o750, 0o660, DAEMON]);
	assert.deepEqual(roomsIn(dir, member), ['group']);
	assert.equal(list(dir, member)[0].user, 'root');
	assert.deepEqual(roomsIn(dir, stranger), []);

	/* Modes that let everybody through change nothing. */
	fs.chmodSync(dir, 0o755);
	fs.chmodSync(host.socket, 0o666);
	assert.deepEqual(roomsIn(dir, stranger), []);
	assert.deepEqual(roomsIn(dir, member), ['group']);

	const guest = spawn(process.execPath, [__filename, 'guest', host.socket, 'group'], {...member, stdio: ['ignore', 'pipe', 'inherit']});
	const role = await new Promise(resolve => guest.stdout.once('data', data => resolve(String(data).trim())));
	assert.equal(role, 'viewer');
	await eventually(() => /event=join .*peer=local:65534/.test(host.words), 'the user in the log');

	/* Banned, by another owner: out, and not in again. */
	const owner = await meet(host.socket, 'group', 'Ada');
	const user = owner.users.find(person => person.name === 'guest').user;
	tell(owner.ws, {t: 'admin', do: 'ban', user, arg: ''});
	assert.equal(await new Promise(resolve => guest.on('exit', resolve)), 0);
	const again = spawnSync(process.execPath, [__filename, 'guest', host.socket, 'group'], {...member, encoding: 'utf8'});
	assert.equal(again.stdout.trim(), '403');
	assert.deepEqual(roomsIn(dir, member), []);
	assert.deepEqual(roomsIn(dir), ['group']);
	await host.stop();

	await assert.rejects(serve(['--socket-group', 'no-such-group']), /no such group/);
	await assert.rejects(serve(['--socket-role', 'owner', '--socket-group', 'daemon']), /editor or viewer/);
}

/* Root is not the host's user, and not of a group. */
async function root(stage) {
	const home = path.join(stage, 'theirs'), file = path.join(home, 'f.txt');
	fs.mkdirSync(home);
	fs.writeFileSync(file, '');
	[home, file].forEach(at => fs.chownSync(at, NOBODY, NOBODY));
	const dir = path.join(home, 'sockets');
	const child = spawn(program, ['host', file, '--headless', '--json', '--listen', '127.0.0.1:0', '--state', path.join(home, 'state'),
		'--socket-dir', dir], {uid: NOBODY, gid: NOBODY, env: {...process.env, HOME: home}, stdio: ['ignore', 'pipe', 'inherit']});
	const {socket, room} = await new Promise(resolve => child.stdout.once('data', data => resolve(JSON.parse(data))));
	assert.deepEqual(roomsIn(dir, {uid: NOBODY, gid: NOBODY}), [room]);
	assert.deepEqual(roomsIn(dir), []);
	await assert.rejects(meet(socket, room, 'Root'));
	child.kill();
	await new Promise(resolve => child.on('exit', resolve));
}

/* As a program: comes in, says its role or why not, and stays until it is sent away. */
async function guest(socket, room) {
	try {
		const {role, ws} = await meet(socket, room, 'guest');
		console.log(role);
		ws.on('close', () => process.exit(0));
	} catch (error) {
		console.log(error.status);
	}
}

if (process.argv[2] === 'guest') {
	guest(process.argv[3], process.argv[4]);
} else {
	run(async () => {
		const stage = scratch();
		await ownUser(stage);
		await default_(stage);
		await folder(stage);
		await rooms(stage);
		if (process.getuid() !== 0)
			return console.log('not root: other users were not tried');
		fs.chmodSync(stage, 0o755);
		if (spawnSync(program, ['version'], {uid: NOBODY, gid: NOBODY}).status !== 0)
			return console.log(`${program} is not for other users: they were not tried`);
		await group(stage);
		await root(stage);
	});
}
