/*
 * user.js: --user: root opens the door and reads the key, and then is nobody any more. Started by somebody else, it is refused.
 */
'use strict';

const assert = require('node:assert');
const crypto = require('node:crypto');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const {Peer} = require('./peer.js');
const {Host, eventually, run, scratch} = require('./host.js');

const NOBODY = 65534; // Debian's base-passwd

function isFree(port) {
	return new Promise(resolve => {
		const server = net.createServer().once('error', () => resolve(false));
		server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
	});
}

/* One that only root may listen on. */
async function lowPort() {
	for (let port = 600; port < 1024; port++)
		if (await isFree(port))
			return port;
	throw new Error('no port below 1024 is free');
}

const statusOf = host => Object.fromEntries(fs.readFileSync(`/proc/${host.child.pid}/status`, 'utf8').trim().split('\n')
	.map(line => line.split(/:\s*/)));

function owners(dir) {
	return fs.readdirSync(dir, {withFileTypes: true}).flatMap(entry => {
		const at = path.join(dir, entry.name), {uid} = fs.lstatSync(at);
		return entry.isDirectory() ? [uid, ...owners(at)] : [uid];
	});
}

const refused = (options, words) => assert.rejects(Host.start(options), words);

async function asRoot(stage) {
	const dir = path.join(stage, 'theirs'), file = path.join(dir, 'a.txt'), state = path.join(stage, 'state');
	const key = path.join(stage, 'key'), pair = crypto.generateKeyPairSync('ed25519');
	fs.chmodSync(stage, 0o755);
	fs.mkdirSync(dir);
	fs.writeFileSync(file, 'one\n');
	[dir, file].forEach(at => fs.chownSync(at, NOBODY, NOBODY));
	fs.writeFileSync(key, pair.publicKey.export({type: 'spki', format: 'pem'}), {mode: 0o600});

	const args = ['--user', 'nobody', '--jwt-key', key], port = await lowPort();
	const host = await Host.start({file, state, listen: `127.0.0.1:${port}`, args});
	const status = statusOf(host), four = `${NOBODY}\t${NOBODY}\t${NOBODY}\t${NOBODY}`;
	assert.equal(host.port, port);
	assert.deepEqual([status.Uid, status.Gid, status.Groups?.trim(), status.NoNewPrivs], [four, four, `${NOBODY}`, '1']);
	for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapAmb'])
		assert.match(status[set], /^0+$/, set);
	for (const thread of fs.readdirSync(`/proc/${host.child.pid}/task`))
		assert.match(fs.readFileSync(`/proc/${host.child.pid}/task/${thread}/status`, 'utf8'), new RegExp(`^Uid:\\t${four}$`, 'm'));

	const peer = new Peer({url: host.editor, name: 'Ada'});
	await peer.connect();
	(await peer.open()).insert(0, 'zero\n');
	await eventually(() => fs.readFileSync(file, 'utf8') === 'zero\none\n', 'the file');
	await peer.close();
	assert.equal(await host.stop(), 0, host.words);
	assert.ok([fs.statSync(state).uid, ...owners(state)].every(uid => uid === NOBODY));
	assert.equal(fs.statSync(file).uid, NOBODY);

	/* Again, with what it left; and what it may not. */
	const again = await Host.start({file, state, listen: `127.0.0.1:${port}`, args});
	assert.equal(again.room, host.room);
	assert.equal(await again.stop(), 0, again.words);
	await refused({file, state, args: ['--user', 'no-such-user']}, /--user no-such-user: there is no such user/);
	await refused({file, state, args: ['--user', 'root']}, /--user root: that is root/);
	await refused({file, state, args: ['--user', '']}, /there is no such user/);
	fs.mkdirSync(path.join(stage, 'roots'), {mode: 0o700});
	await refused({file, state: path.join(stage, 'roots'), args}, /belongs to another user|cannot/);
	await refused({file, state: path.join(stage, 'not', 'there'), args}, /cannot make the folder/);
	const mine = path.join(stage, 'roots', 'a.txt');
	fs.writeFileSync(mine, 'secret\n', {mode: 0o600});
	await refused({file: mine, state, args}, /roots/);
	assert.equal(fs.statSync(path.join(stage, 'roots')).uid, 0);
}

async function main() {
	const stage = scratch();
	if (process.getuid() === 0)
		return asRoot(stage);
	const file = path.join(stage, 'a.txt');
	fs.writeFileSync(file, 'one\n');
	await refused({file, state: path.join(stage, 'state'), args: ['--user', 'nobody']}, /only root can become somebody else/);
	assert.ok(!fs.existsSync(path.join(stage, 'state')));
}

run(main);
