/*
 * backplane.js: what becomes of a cluster when its Redis is away, refuses, loses everything, is another one, or wants to be spoken to
 * in secret.
 */
'use strict';

const assert = require('node:assert');
const {execFileSync} = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const {eventually, run, scratch} = require('../e2e/host.js');
const {Peer} = require('../e2e/peer.js');
const {Cluster, Redis, freePort} = require('../e2e/redis.js');
const {agree, back, end, pair, retry, safe, told} = require('./pairs.js');
const {Person, assertWhole, settled, sleep} = require('./people.js');

/* Away for a while: told so, nothing is acknowledged, nobody new comes in; and back: all of it, once. */
async function away(stage) {
	const cluster = await safe(stage), both = await pair(cluster, 'demo'), {peers, docs, url} = both;
	docs[0].insert(0, 'a');
	await agree(both, 'a');
	await cluster.redis.kill();
	await Promise.all(peers.map(peer => told(peer, 'Nothing is being stored')));
	docs[0].insert(1, 'b');
	docs[1].insert(0, '>');
	docs[0].insert(2, 'c');
	assert.ok(!docs[0].inStep() && !docs[1].inStep());
	const late = new Peer({url, name: 'late'});
	await assert.rejects(late.connect(), error => error.status === 503);
	assert.ok(docs[0].inflight.length && docs[1].inflight.length, 'nothing is acknowledged');
	await cluster.redis.again();
	await agree(both, '>abc');
	await Promise.all(peers.map(peer => told(peer, 'Stored again')));
	await end(cluster, both);
}

/* It takes no more: told with its words. */
async function refuses(stage) {
	const cluster = await Cluster.start(stage, {servers: 2}), both = await pair(cluster, 'demo'), {peers, docs} = both;
	docs[0].insert(0, 'a');
	await agree(both, 'a');
	await cluster.redis.command('CONFIG', 'SET', 'maxmemory', '1');
	docs[0].insert(1, 'b');
	docs[0].insert(2, 'c');
	await Promise.all(peers.map(peer => told(peer, 'Nothing is being stored: OOM')));
	await cluster.redis.command('CONFIG', 'SET', 'maxmemory', '0');
	await agree(both, 'abc');
	for (const peer of peers) {
		await told(peer, 'Stored again');
		assert.equal(peer.errors.length, 2, 'told once, and once that it is over');
	}
	await end(cluster, both);
}

/* Everything is gone, or is as it was a while ago: the servers give it back. */
async function forgets(stage) {
	const cluster = await safe(stage), both = await pair(cluster, 'demo'), {peers, docs} = both;
	docs[0].insert(0, 'kept');
	await agree(both, 'kept');
	const log = 'codecollab:{demo}:log', dump = path.join(stage, 'redis', 'appendonlydir');
	const copy = path.join(stage, 'copy'), older = path.join(stage, 'older');
	const restore = async from => {
		await cluster.redis.kill();
		fs.rmSync(dump, {recursive: true});
		fs.cpSync(from, dump, {recursive: true});
	};
	await cluster.redis.kill();
	fs.cpSync(dump, older, {recursive: true});
	await cluster.redis.again();
	docs[0].insert(0, '(');
	await agree(both, '(kept');
	await cluster.redis.command('FLUSHALL');
	docs[1].insert(5, '!');
	await back(both);
	await agree(both, '(kept!');
	/* an old copy: what was appended since is not in it */
	await cluster.redis.kill();
	fs.cpSync(dump, copy, {recursive: true});
	await cluster.redis.again();
	docs[0].insert(6, '?');
	await agree(both, '(kept!?');
	await restore(copy);
	docs[1].insert(7, '.');
	await cluster.redis.again();
	await back(both);
	await agree(both, '(kept!?.');
	/* one of before everything was given back for the first time */
	await restore(older);
	docs[0].insert(8, ')');
	await cluster.redis.again();
	await back(both);
	await agree(both, '(kept!?.)');
	assert.notEqual(await cluster.redis.command('EXISTS', log), ':0');
	await end(cluster, both);
}

/* Somebody saves memory with XTRIM: who opens the room later is given what is not there any more, and those who are in notice nothing. */
async function trimmed(stage) {
	const cluster = await safe(stage), both = await pair(cluster, 'demo'), {peers, docs, url} = both;
	docs[0].insert(0, 'kept');
	await agree(both, 'kept');
	await peers[1].close();
	const again = await cluster.kill(1);
	await again();
	assert.match(await cluster.redis.command('XTRIM', 'codecollab:{demo}:log', 'MAXLEN', '0'), /^:[1-9]/);
	peers[1] = new Peer({url: Cluster.at(url, cluster.hosts[1]), name: 'late'});
	await retry(() => peers[1].connect());
	docs[1] = await peers[1].open('a.txt');
	assert.equal(docs[1].toString(), 'kept');
	docs[0].insert(0, '(');
	docs[1].insert(4, ')');
	await agree(both, '(kept)');
	assert.deepEqual([peers[0].closed, peers[0].errors], [null, []]);
	assert.ok(!fs.existsSync(path.join(cluster.rooms, 'demo/a.txt.lost~')));
	await end(cluster, both);
}

/* A certificate for this machine, signed by itself, and its key. */
function certificate(stage) {
	const file = name => path.join(stage, name);
	fs.mkdirSync(stage, {recursive: true});
	execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2',
		'-subj', '/CN=redis', '-addext', 'subjectAltName=IP:127.0.0.1', '-keyout', file('key'), '-out', file('cert')], {stdio: 'ignore'});
	return file;
}

/* Its lines in the configuration of a Redis, which wants to see the other's certificate, too. */
const overTls = (file, port) => [`tls-port ${port}`, `tls-cert-file ${file('cert')}`, `tls-key-file ${file('key')}`,
	`tls-ca-cert-file ${file('cert')}`, 'tls-auth-clients yes', 'tls-replication yes'];

/* What the manual says that a server needs to be allowed. */
const ALLOWED = fs.readFileSync(path.join(__dirname, '../../man/codecollab.1'), 'utf8').match(/ACL SETUSER codecollab on .*? (~.*)/)[1]
	.replaceAll(/\\[&]/g, '');

/* TLS, a user with a password, a database and a prefix; and no other certificate than ours. */
async function secret(stage) {
	const file = certificate(stage), port = await freePort();
	const redis = await Redis.start(file('redis'), {lines: [...overTls(file, port), `user ada on >p@ss ${ALLOWED.replace('codecollab:', 'mine:')}`]});
	const at = `rediss://ada:p%40ss@127.0.0.1:${port}/3`, ours = `cert=${file('cert')}&key=${file('key')}`;
	const cluster = await Cluster.start(stage, {servers: 2, redis, url: `${at}?prefix=mine:&ca=${file('cert')}&${ours}`});
	const both = await pair(cluster, 'demo');
	both.docs[0].insert(0, 'over TLS');
	await agree(both, 'over TLS');
	await end(cluster, both);
}

/* People type all the while; the master dies, and the sentinel makes its replica the master. Nothing is lost, nothing doubled. */
async function failsOver(stage, {lines = async () => [], monitored = redis => redis.port, passwords, url}) {
	const own = passwords && {password: passwords.default};
	const master = await Redis.start(path.join(stage, 'master'), {...own, lines: await lines('master')});
	const replica = await Redis.start(path.join(stage, 'replica'),
		{...own, lines: [...await lines('replica'), `replicaof 127.0.0.1 ${monitored(master, 'master')}`]});
	const sentinel = await Redis.start(path.join(stage, 'sentinel'), {sentinel: true, password: passwords?.sentinel, lines: [
		...await lines('sentinel'), `sentinel monitor demo 127.0.0.1 ${monitored(master, 'master')} 1`,
		...passwords ? [`sentinel auth-pass demo ${passwords.default}`] : [],
		'sentinel down-after-milliseconds demo 500', 'sentinel failover-timeout demo 5000']});
	const cluster = await Cluster.start(stage, {servers: 2, redis: master, url: url(sentinel, await freePort())});
	const known = new Set(), people = [0, 1, 2, 3].map(i =>
		new Person(Cluster.at(cluster.invite('demo', 'owner'), cluster.hosts[i % 2]), i, 11, known));
	for (const person of people) {
		await retry(() => person.peer.connect());
		person.doc = await person.peer.open('words.txt', true);
	}
	await waits(replica, 'master_link_status:up');
	const over = {over: false}, lives = people.map(person => person.live(over));
	const stays = people.map(async person => {
		while (!over.over) {
			if (person.peer.closed && !person.peer.online)
				await retry(() => person.peer.connect());
			await sleep(20);
		}
	});
	await eventually(() => known.size > 40, 'some words');
	await master.kill();
	await waits(replica, 'role:master');
	const before = known.size;
	await eventually(() => known.size > before + 40, 'words on the new master');
	over.over = true;
	await Promise.all([...lives, ...stays]);
	for (const person of people)
		if (!person.peer.online)
			await retry(() => person.peer.connect());
	await settled(people);
	assertWhole(people, known);
	await end(cluster, {peers: people.map(person => person.peer)});
	await Promise.all([replica, sentinel].map(redis => redis.kill('SIGTERM')));
}

/* One of the sentinels is not there. */
const failover = stage => failsOver(stage, {
	url: (sentinel, nobody) => `redis+sentinel://127.0.0.1:${nobody},127.0.0.1:${sentinel.port}/demo`,
});

/* The same with TLS everywhere, another password for each, and a user who may do no more than is needed. */
async function guarded(stage) {
	const file = certificate(stage), ports = {}, passwords = {default: 'pass1', sentinel: 'pass2'};
	const files = `ca=${file('cert')}&cert=${file('cert')}&key=${file('key')}`;
	await failsOver(stage, {
		passwords,
		monitored: (redis, name) => ports[name],
		lines: async name => {
			ports[name] = await freePort();
			return [...overTls(file, ports[name]), ...name === 'sentinel' ? [] : [`masterauth ${passwords.default}`,
				`user ada on >pass3 ${ALLOWED}`]];
		},
		url: () => `rediss+sentinel://ada:pass3@127.0.0.1:${ports.sentinel}/demo?sentinel-password=${passwords.sentinel}&${files}`,
	});
}

/* Who is not let in by the sentinel or by Redis is told which of them it was. */
async function strangers(stage) {
	const redis = await Redis.start(path.join(stage, 'redis'), {password: 'right'});
	const sentinel = await Redis.start(path.join(stage, 'sentinel'), {sentinel: true, password: 'also-right', lines: [
		`sentinel monitor demo 127.0.0.1 ${redis.port} 1`, 'sentinel auth-pass demo right']});
	const says = async (url, words) => {
		const cluster = await Cluster.start(path.join(stage, String(cases++)), {servers: 1, redis, url});
		const peer = new Peer({url: cluster.invite('demo', 'owner'), name: 'somebody'});
		peer.connect().catch(() => {}); // the room wants its Redis when somebody comes
		await eventually(() => words.test(cluster.hosts[0].words), `${words}, but: ${cluster.hosts[0].words}`);
		await cluster.hosts[0].stop('SIGKILL');
	};
	let cases = 0;
	const at = `127.0.0.1:${sentinel.port}/demo`;
	await says(`redis://127.0.0.1:${redis.port}`, /Redis (asks|does not)|NOAUTH/);
	await says(`redis://:wrong@127.0.0.1:${redis.port}`, /Redis does not take the user, the password/);
	await says(`redis+sentinel://:right@${at}`, /does it want a password \(sentinel-password=\)/);
	await says(`redis+sentinel://:right@${at}?sentinel-password=wrong`, /the sentinel does not take the user or the password/);
	await says(`redis+sentinel://:wrong@${at}?sentinel-password=also%2dright`, /Redis does not take the user, the password/);
	await says(`redis+sentinel://:right@127.0.0.1:${sentinel.port}/other?sentinel-password=also%2dright`, /the sentinel knows no master/);
	await Promise.all([redis, sentinel].map(one => one.kill('SIGTERM')));
}

async function waits(redis, what) {
	await retry(async () => assert.ok((await redis.info('replication')).includes(what), what));
}

/* All servers go, somebody writes the file, and they come back: the room's text counts, and nothing of the file is lost. */
async function outside(stage) {
	const cluster = await Cluster.start(stage, {servers: 2}), both = await pair(cluster, 'demo'), {peers, docs} = both;
	const file = path.join(cluster.rooms, 'demo', 'a.txt'), aside = `${file}.outside~`;
	docs[0].insert(0, 'ours');
	await agree(both, 'ours');
	await eventually(() => fs.existsSync(file) && fs.readFileSync(file, 'utf8') === 'ours', 'the file');
	docs[1].insert(4, '!'); // in the file by the time they have stopped
	await agree(both, 'ours!');
	assert.deepEqual(await cluster.stop(), [0, 0]);
	assert.equal(fs.readFileSync(file, 'utf8'), 'ours!');
	await cluster.again();
	for (const peer of peers)
		await retry(() => peer.connect());
	docs[0].insert(5, '?');
	await agree(both, 'ours!?');
	await eventually(() => fs.readFileSync(file, 'utf8') === 'ours!?', 'the file once more');
	assert.ok(!fs.existsSync(aside), 'nobody else wrote it');
	assert.deepEqual(await cluster.stop(), [0, 0]);
	fs.writeFileSync(file, 'theirs');
	await cluster.again();
	for (const peer of peers)
		await retry(() => peer.connect());
	docs[0].insert(0, '> ');
	await eventually(() => fs.readFileSync(file, 'utf8') === '> ours!?', "the room's text in the file");
	assert.equal(fs.readFileSync(aside, 'utf8'), 'theirs');
	await peers[1].until(() => peers[1].errors.some(e => e.text.includes('was changed while no server served it')), 'the notice');
	await end(cluster, both);
}

const tests = {away, refuses, forgets, trimmed, outside, secret, failover, guarded, strangers};

run(async () => {
	const only = process.argv[2];
	for (const [name, test] of Object.entries(tests))
		if (!only || only === name) {
			await test(path.join(scratch(), name));
			console.log(`${name}: as it should be`);
		}
});
