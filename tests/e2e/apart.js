/*
 * apart.js: servers that share nothing but Redis and their keys: each has a state directory and a folder of rooms of its own.
 *
 *	node apart.js [TEST]
 */
'use strict';

const assert = require('node:assert');
const {execFileSync, spawnSync} = require('node:child_process');
const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const {Host, eventually, run, scratch} = require('./host.js');
const {Peer, parseUrl} = require('./peer.js');
const {Cluster} = require('./redis.js');

const at = (url, host, name) => new Peer({url: Cluster.at(url, host), name});

async function end(cluster, peers) {
	await Promise.all(peers.map(peer => peer.close()));
	for (const host of cluster.hosts)
		assert.equal(await host.stop(), 0, `the server's exit: ${host.words}`);
	await cluster.redis.kill('SIGTERM');
}

/* What the server says to who may not come in. */
async function refusal(peer) {
	await assert.rejects(peer.connect());
	return peer.errors.map(({code}) => code);
}

/* A room comes into being when an owner joins it, on whichever server; then anybody may whose token is for it, on any. */
async function rooms(stage) {
	const cluster = await Cluster.start(stage, {apart: true}), [one, two, three] = cluster.hosts;
	const owner = cluster.invite('demo', 'owner'), editor = cluster.invite('demo', 'editor'), viewer = cluster.invite('demo', 'viewer');
	for (const [url, host] of [[editor, one], [viewer, two], [editor, three]])
		assert.deepEqual(await refusal(at(url, host, 'too soon')), ['no-such-room']);
	assert.equal(await cluster.redis.command('KEYS', '*{demo}*'), '*0', 'nothing of it in Redis');
	for (let i = 0; i < 3; i++)
		assert.ok(!fs.existsSync(path.join(cluster.folder(i), 'demo')), `nothing of it on server ${i}`);

	/* an editor who asks while the owner comes in is let in, or asks in vain: nothing in between */
	const ada = at(owner, two, 'Ada');
	await ada.connect();
	const text = await ada.open('a.txt', true);
	text.insert(0, 'made');
	await ada.until(() => text.inStep(), 'the ack');
	const peers = [ada];
	for (const host of cluster.hosts) {
		const ben = at(editor, host, 'Ben');
		await ben.connect();
		assert.equal((await ben.open('a.txt')).toString(), 'made');
		peers.push(ben);
	}
	const {errors} = peers.at(-1);
	assert.deepEqual(errors, []);

	/* who writes its files has a folder for them, also when that is not where it began */
	await eventually(() => fs.existsSync(path.join(cluster.folder(1), 'demo', 'a.txt')), 'the file');
	await cluster.kill(1);
	await eventually(() => [0, 2].some(i => fs.existsSync(path.join(cluster.folder(i), 'demo', 'a.txt'))), 'the file elsewhere');
	cluster.hosts.splice(1, 1);
	await end(cluster, peers.filter(peer => !peer.closed));
}

/* What a newer version has written is not gone on with: the people go elsewhere, and are told. */
async function newer(stage) {
	const cluster = await Cluster.start(stage, {apart: true, servers: 2, args: ['--idle', '1']}), {redis} = cluster;
	const owner = cluster.invite('demo', 'owner'), ada = at(owner, cluster.hosts[0], 'Ada');
	await ada.connect();
	const text = await ada.open('a.txt', true);
	text.insert(0, 'ours');
	await ada.until(() => text.inStep(), 'the ack');
	await eventually(() => fs.existsSync(path.join(cluster.folder(0), 'demo', 'a.txt')), 'the file');

	/* an entry behind ours, as a server of version 2 would append it */
	const log = 'codecollab:{demo}:log', state = 'codecollab:{demo}:state';
	const epoch = await redis.string('HGET', state, 'epoch');
	assert.match(await redis.string('XADD', log, `${epoch}-*`, 'e', '\x02\x01\x01\x00'), /^\d+-\d+$/);
	await ada.until(() => ada.closed, 'that Ada is sent away');
	await eventually(() => /demo: a newer version of codecollab serves this room/.test(cluster.hosts[0].words), 'the log');
	for (const role of ['owner', 'editor'])
		await assert.rejects(at(cluster.invite('demo', role), cluster.hosts[0], 'late').connect(), error => error.status === 503);
	assert.deepEqual(await refusal(at(owner, cluster.hosts[1], 'late')), ['internal'], 'who reads it there first');

	/* and a snapshot, once what was read of it has left memory */
	assert.equal(await redis.command('HSET', state, 'bytes', '\x02'), ':0');
	const told = cluster.hosts[1].words.length;
	for (let refused = []; !refused.length; await new Promise(resolve => setTimeout(resolve, 50)))
		refused = await refusal(at(owner, cluster.hosts[1], 'later'));
	assert.match(cluster.hosts[1].words.slice(told), /a newer version/);
	assert.equal(fs.readFileSync(path.join(cluster.folder(0), 'demo', 'a.txt'), 'utf8'), 'ours');
	await end(cluster, []);
}

/* A secret that many servers share, and a key with its certificate, which an authority has signed. */
function keys(stage) {
	const file = name => path.join(stage, name);
	fs.mkdirSync(stage, {recursive: true});
	fs.writeFileSync(file('token.key'), crypto.randomBytes(32), {mode: 0o600});
	renew(file, 'first');
	return file;
}

function renew(file, name) {
	const openssl = (...args) => execFileSync('openssl', args, {stdio: 'ignore'});
	const fresh = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
	openssl('req', '-x509', ...fresh, '-keyout', file('ca.key'), '-out', file('ca.crt'), '-subj', `/CN=${name}`, '-days', '2');
	openssl('req', ...fresh, '-keyout', file('new.key'), '-out', file('csr'), '-subj', '/CN=localhost');
	openssl('x509', '-req', '-in', file('csr'), '-CA', file('ca.crt'), '-CAkey', file('ca.key'), '-out', file('leaf.crt'), '-days', '1');
	fs.writeFileSync(file('server.crt'), fs.readFileSync(file('leaf.crt'), 'utf8') + fs.readFileSync(file('ca.crt'), 'utf8'));
	fs.rmSync(file('server.key'), {force: true});
	fs.symlinkSync('new.key', file('server.key')); // as those who renew certificates have it
	fs.chmodSync(file('new.key'), 0o600);
}

const pinOf = file => crypto.createHash('sha256')
	.update(new crypto.X509Certificate(fs.readFileSync(file('leaf.crt'))).publicKey.export({type: 'spki', format: 'der'})).digest('base64url');

async function comesIn(url, hosts) {
	for (const host of hosts) {
		const peer = at(url, host, 'somebody');
		await peer.connect();
		await peer.close();
	}
}

/* One secret and one key for all, by options: an invitation that was made beside any of the servers is good on each. */
async function shared(stage) {
	const file = keys(stage);
	const args = ['--token-key', file('token.key'), '--cert', file('server.crt'), '--key', file('server.key')];
	const cluster = await Cluster.start(stage, {apart: true, args}), {hosts} = cluster;
	const invite = (i, role, ...more) => hosts[i].invite('demo', role, ...more);
	const given = [];
	for (const i of [1, 0, 2]) {
		for (const name of ['secret', 'key.pem', 'cert.pem'])
			assert.ok(!fs.existsSync(path.join(cluster.state(i), name)), `${name} in a state directory`);
		given.push(invite(i, 'owner'));
		assert.equal(parseUrl(given.at(-1)).pin, pinOf(file));
		await comesIn(given.at(-1), hosts);
		execFileSync(process.env.CODECOLLAB, ['doctor', '--state', cluster.state(i)]);
		assert.ok(JSON.parse(execFileSync(process.env.CODECOLLAB, ['status', '--json', '--state', cluster.state(i)]))[0].up);
	}

	/* a new secret, made beside one: all servers take it, and the old invitations go on */
	const secret = fs.readFileSync(file('token.key'));
	execFileSync(process.env.CODECOLLAB, ['invite', '--state', cluster.state(1), '--rotate'], {stdio: 'ignore'});
	assert.notDeepEqual(fs.readFileSync(file('token.key')), secret);
	assert.equal(fs.readdirSync(file('token.key.old')).length, 1);
	for (const url of [...given, invite(0, 'owner'), invite(2, 'editor')])
		await comesIn(url, hosts);

	/* another certificate, for all who come from now on */
	const before = pinOf(file);
	renew(file, 'second');
	hosts.forEach(host => host.child.kill('SIGHUP'));
	await eventually(() => hosts.every(host => /event=reload$/m.test(host.words)), 'the reload');
	assert.notEqual(pinOf(file), before);
	await assert.rejects(comesIn(given[0], hosts), /another key/);
	await comesIn(invite(2, 'owner'), hosts);

	/* one that cannot be used is not taken, and told */
	fs.chmodSync(file('new.key'), 0o644);
	hosts[0].child.kill('SIGHUP');
	await eventually(() => /is open to others \(mode 0644\)/.test(hosts[0].words), 'the refusal');
	fs.chmodSync(file('new.key'), 0o600);
	await comesIn(invite(2, 'owner'), hosts);
	await end(cluster, []);

	/* a start that fails changes nothing of what is remembered */
	const {status} = spawnSync(process.env.CODECOLLAB, ['host', '--rooms', cluster.folder(2), '--headless', '--state', cluster.state(2),
		'--listen', '127.0.0.1:0', '--token-key', file('nowhere')]);
	assert.equal(status, 1);
	execFileSync(process.env.CODECOLLAB, ['doctor', '--state', cluster.state(2)]);

	/* and without the options each has its own again */
	const alone = await Host.start({rooms: cluster.folder(0), state: cluster.state(0)});
	assert.ok(fs.existsSync(path.join(cluster.state(0), 'secret')));
	assert.notEqual(parseUrl(alone.invite('demo', 'owner')).pin, pinOf(file));
	await comesIn(alone.invite('demo', 'owner'), [alone]);
	assert.equal(await alone.stop(), 0);
	wrong(stage, file);
}

/* What is not as it should be is refused, with what and why. */
function wrong(stage, file) {
	const refused = (words, token, cert, key) => {
		const args = [['--token-key', token], ['--cert', cert], ['--key', key]].filter(([, name]) => name).flatMap(([option, name]) => [option, file(name)]);
		const {status, stderr} = spawnSync(process.env.CODECOLLAB, ['host', '--rooms', file('other-rooms'), '--headless',
			'--listen', '127.0.0.1:0', '--state', file('other-state'), ...args], {encoding: 'utf8'});
		assert.equal(status, 1);
		assert.match(stderr, words);
		assert.ok(!args.length || args.some(word => stderr.includes(word)), stderr);
	};
	const write = (name, bytes, mode = 0o600) => {
		fs.writeFileSync(file(name), bytes);
		fs.chmodSync(file(name), mode);
		return name;
	};
	const bytes = crypto.randomBytes(40);
	refused(/has 31 bytes, not 32/, write('a', bytes.subarray(0, 31)));
	refused(/has 33 bytes, not 32/, write('b', bytes.subarray(0, 33)));
	refused(/has 0 bytes, not 32/, write('c', ''));
	for (const mode of [0o644, 0o604, 0o622, 0o606])
		refused(/is open to others \(mode 06../, write('d', bytes.subarray(0, 32), mode));
	refused(/No such file/, 'nowhere');
	fs.mkdirSync(file('folder'));
	refused(/is no file/, 'folder');
	execFileSync('mkfifo', ['-m', '600', file('pipe')]);
	refused(/is no file/, 'pipe');
	if (process.getuid() === 0) {
		fs.chownSync(file(write('e', bytes.subarray(0, 32))), 4242, 4242);
		refused(/belongs to another user/, 'e');
		write('g', bytes.subarray(0, 32), 0o640); // root's, for a group
		refused(/is missing|No such file/, 'g', 'nowhere', 'server.key');
	}
	refused(/--cert and --key belong together/, null, 'server.crt');
	refused(/--cert and --key belong together/, null, null, 'server.key');
	refused(/do not belong together/, null, 'server.crt', 'ca.key');
	refused(/do not belong together/, null, 'token.key', 'server.key');
	fs.chmodSync(file('new.key'), 0o644);
	refused(/is open to others/, null, 'server.crt', 'server.key');
}

const tests = {rooms, newer, shared};

run(async () => {
	const only = process.argv[2];
	for (const [name, test] of Object.entries(tests))
		if (!only || only === name) {
			await test(path.join(scratch(), name));
			console.log(`${name}: as it should be`);
		}
});
