/*
 * balancer.js: real HAProxy and nginx, with the configurations of contrib/, before two servers of the same rooms.
 *
 * Both servers share one machine here, state and rooms: a room is served by the one that has it open, and by the other when that one
 * is gone. People type in several rooms while one server is told to end (SIGTERM, it drains) and the other is killed; at the end
 * each room has one text, with every word that somebody was promised, once.
 *
 * With Redis between them each server has its own state, and rooms are nobody's.
 *
 *	node balancer.js haproxy|nginx ended|passed CONTRIB [redis]	(77: not installed)
 */
'use strict';

const assert = require('node:assert');
const {execFileSync, spawn, spawnSync} = require('node:child_process');
const crypto = require('node:crypto');
const fs = require('node:fs');
const net = require('node:net');
const path = require('node:path');
const {Host, invite, run, scratch} = require('./host.js');
const {Redis} = require('./redis.js');
const {Person, assertWhole, settled, sleep} = require('../faults/people.js');

const [kind, way, contrib, order] = process.argv.slice(2);
const ROOMS = 4, PEOPLE = 2, DRAIN_S = 3;
const BALANCER = '127.0.0.9'; // as the servers see it; people are on 127.0.0.1
const program = spawnSync('sh', ['-c', `PATH=$PATH:/usr/sbin command -v ${kind}`], {encoding: 'utf8'}).stdout.trim();

const STREAM = '/usr/lib/nginx/modules/ngx_stream_module.so';

if (!program || (kind === 'nginx' && !fs.existsSync(STREAM))) {
	console.log(`skipped: no ${kind}${program ? ' with its stream module' : ''}`);
	process.exit(77);
}

const stage = scratch(), state = path.join(stage, 'state'), rooms = path.join(stage, 'rooms');
const at = name => path.join(stage, name);

/* A port that is free now. */
function freePort() {
	return new Promise(resolve => {
		const server = net.createServer().listen(0, '127.0.0.1', () => {
			const {port} = server.address();
			server.close(() => resolve(port));
		});
	});
}

/* A CA, and a certificate of the balancer's that it vouches for. */
function certificates() {
	const openssl = (...args) => execFileSync('openssl', args, {cwd: stage, stdio: 'ignore'});
	openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', 'ca.key', '-out', 'ca.crt',
		'-subj', '/CN=test CA', '-days', '1');
	openssl('req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', 'lb.key', '-out', 'lb.csr',
		'-subj', '/CN=localhost');
	openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', 'server.key', '-out', 'server.crt',
		'-subj', '/CN=localhost', '-days', '1');
	fs.writeFileSync(at('token.key'), crypto.randomBytes(32), {mode: 0o600});
	fs.writeFileSync(at('names'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n');
	openssl('x509', '-req', '-in', 'lb.csr', '-CA', 'ca.crt', '-CAkey', 'ca.key', '-out', 'lb.crt', '-days', '1', '-extfile', 'names');
	fs.writeFileSync(at('lb.pem'), fs.readFileSync(at('lb.crt')) + fs.readFileSync(at('lb.key')));
	const spki = new crypto.X509Certificate(fs.readFileSync(at('lb.crt'))).publicKey.export({type: 'spki', format: 'der'});
	return crypto.createHash('sha256').update(spki).digest('base64url');
}

async function redis() {
	const redis = await Redis.start(at('redis'));
	await redis.introduce();
	return redis;
}

/* What the servers show, which the balancer knows them by: their own, or one that they share. */
const serverPem = () => order === 'redis' ? at('server.crt') : path.join(state, 'cert.pem');

/* The configuration as it is shipped, but for addresses, ports and places; each must be there. */
function configuration(name, replacements) {
	let text = fs.readFileSync(path.join(contrib, name), 'utf8');
	for (const [from, to] of replacements) {
		assert.ok(text.includes(from), `${name} has no ${from}`);
		text = text.replaceAll(from, to);
	}
	fs.writeFileSync(at(name), text);
	return at(name);
}

function startHaproxy(ports, servers) {
	const config = configuration('haproxy.cfg', [
		['maxconn 4000', 'maxconn 200'],
		...[1, 2].map(i => [`10.0.0.${i}:8443`, `127.0.0.1:${servers[i - 1]} source ${BALANCER}`]),
		['bind :443 ', `bind 127.0.0.1:${ports.ended} `], ['bind :8443', `bind 127.0.0.1:${ports.passed}`],
		['/etc/haproxy/collab.example.org.pem', at('lb.pem')], ['/etc/haproxy/server.pem', serverPem()],
	]);
	execFileSync(program, ['-c', '-f', config]);
	return spawn(program, ['-db', '-f', config], {stdio: ['ignore', 'pipe', 'pipe']});
}

function startNginx(ports, servers) {
	const config = configuration('nginx.conf', [
		['10.0.0.1:8443', `127.0.0.1:${servers[0]}`], ['10.0.0.2:8443', `127.0.0.1:${servers[1]}`],
		['listen 443 ssl', `listen 127.0.0.1:${ports.ended} ssl`], ['listen 8443', `listen 127.0.0.1:${ports.passed}`],
		['/etc/nginx/collab.example.org.crt', at('lb.crt')], ['/etc/nginx/collab.example.org.key', at('lb.key')],
		['/etc/nginx/server.pem', serverPem()],
		['proxy_pass https://rooms;', `proxy_pass https://rooms; proxy_bind ${BALANCER};`],
		['proxy_pass passed_through;', `proxy_pass passed_through; proxy_bind ${BALANCER};`],
		['include /etc/nginx/modules-enabled/*.conf;', `load_module ${STREAM};`], ['worker_connections 4000', 'worker_connections 200'],
	]);
	const options = `daemon off; pid ${at('nginx.pid')}; worker_processes 1; error_log stderr;${process.getuid() ? '' : ' user root;'}`;
	const args = ['-p', stage, '-e', 'stderr', '-c', config, '-g', options];
	execFileSync(program, [...args, '-t'], {stdio: ['ignore', 'ignore', 'pipe']});
	return spawn(program, args, {stdio: ['ignore', 'pipe', 'pipe']});
}

async function until(condition, what) {
	const end = Date.now() + 60000;
	while (!await condition()) {
		assert.ok(Date.now() < end, `never: ${what}`);
		await sleep(50);
	}
}

const answers = port => new Promise(resolve => {
	const socket = net.connect(port, '127.0.0.1', () => resolve(socket.destroy()));
	socket.on('error', () => resolve(false));
}).then(result => result !== false);

/* As an editor does: again, a little later, whatever kept it from coming in. */
async function arrive(person, first) {
	for (let tries = 0; ; tries++) {
		try {
			if (first) {
				await person.peer.connect();
				person.doc = await person.peer.open('words.txt', true);
			} else {
				await person.comeBack();
			}
			return;
		} catch (error) {
			assert.ok(tries < 300, `${person.index} does not come in: ${error.message}`);
			await sleep(200);
		}
	}
}

/* Whose connection went comes back by itself, until the test is over. */
async function stay(person, until) {
	while (!until.over) {
		if (person.peer.closed && !person.peer.online)
			await arrive(person, false);
		await sleep(20);
	}
}

async function people(host, name) {
	return Number((await host.get('/metrics')).body.match(/^codecollab_people (\d+)$/m)[1]);
}

run(async () => {
	const pin = certificates(), ports = {ended: await freePort(), passed: await freePort()};
	const args = ['--public', `localhost:${ports[way]}`, way === 'ended' ? '--forwarded-for' : '--proxy-protocol', BALANCER, '--drain', String(DRAIN_S), '--idle', '1', ...(way === 'ended' ? ['--no-pin'] : [])];
	const listens = [await freePort(), await freePort()], states = [state, state];
	if (order === 'redis') {
		args.push('--backplane', (await redis()).url,
			'--token-key', at('token.key'), '--cert', serverPem(), '--key', at('server.key'));
		states[1] = at('state-1');
	}
	const start = i => Host.start({rooms, state: states[i], args, listen: `127.0.0.1:${listens[i]}`});
	const hosts = [await start(0)];
	hosts.push(await start(1));
	const balancer = (kind === 'nginx' ? startNginx : startHaproxy)(ports, listens);
	let said = '';
	balancer.stderr.on('data', data => (said += data));
	process.on('exit', () => balancer.kill('SIGKILL'));
	try {
		await until(() => answers(ports[way]), `${kind} on its port`);
		await story(hosts, start, pin);
	} catch (error) {
		console.error(`--- ${kind}:\n${said}`);
		throw error;
	}
	balancer.kill('SIGTERM');
});

/* A URL as people get it; TLS that ends at the balancer is known by its certificate, which this peer knows by a pin. */
function urlOf(room, role, pin) {
	const url = invite(state, '--room', room, '--role', role);
	assert.match(url, /^wss:\/\/localhost:/);
	assert.equal(/fp=/.test(url), way === 'passed');
	return way === 'passed' ? url : `${url}&fp=${pin}`;
}

/* The program itself trusts the balancer's certificate because of its CA. */
function status(room) {
	const url = invite(state, '--room', room, '--role', 'owner');
	const {stdout, stderr, status} = spawnSync(process.env.CODECOLLAB, ['status', url, '--json'],
		{encoding: 'utf8', env: {...process.env, SSL_CERT_FILE: at('ca.crt')}});
	assert.equal(status, 0, stdout + stderr);
	return JSON.parse(stdout)[0];
}

async function story(hosts, start, pin) {
	const known = Array.from({length: ROOMS}, () => new Set()), all = [];
	for (let r = 0; r < ROOMS; r++)
		for (let i = 0; i < PEOPLE; i++) {
			const person = new Person(urlOf(`room-${r}`, i ? 'editor' : 'owner', pin), PEOPLE * r + i, 7, known[r]);
			await arrive(person, true);
			all.push(person);
		}
	const here = await Promise.all(hosts.map(host => people(host)));
	assert.equal(here[0] + here[1], all.length);
	assert.ok(here.every(n => n % PEOPLE === 0), 'all people of a room on one server');
	const joined = hosts.flatMap(host => host.words.match(/event=join .*/g) ?? []);
	assert.equal(joined.length, all.length);
	joined.forEach(line => assert.match(line, / peer=127\.0\.0\.1 /, 'it is known who they are'));
	if (way === 'ended')
		assert.ok(status('room-0').up);

	const over = {over: false}, stays = all.map(person => stay(person, over));
	const lives = all.map(person => person.live(over, 100));
	await until(() => known.every(words => words.size > 10), 'some words');

	/* One is told to end: it says so, takes nobody new, and goes when its time is over. The people go on elsewhere. */
	const began = Date.now(), first = hosts[0].stop('SIGTERM');
	await until(async () => (await hosts[0].get('/healthz')).status === 503, 'draining');
	assert.equal(await first, 0);
	assert.ok(Date.now() - began >= DRAIN_S * 1000, 'people had time');
	await until(async () => await people(hosts[1]) === all.length, 'everybody on the other server');
	const size = known.map(words => words.size);
	await until(() => known.every((words, r) => words.size > size[r] + 5), 'words after the drain');

	/* It comes back, and the other one dies. */
	hosts[0] = await start(0);
	assert.equal((await hosts[0].get('/healthz')).status, 200);
	assert.equal(await hosts[1].stop('SIGKILL'), 'SIGKILL');
	await until(async () => await people(hosts[0]) === all.length, 'everybody on the one that is left');
	await sleep(300);
	over.over = true;
	await Promise.all([...lives, ...stays]);
	for (let r = 0; r < ROOMS; r++) {
		const those = all.slice(PEOPLE * r, PEOPLE * (r + 1));
		await Promise.all(those.filter(person => !person.peer.online).map(person => arrive(person, false)));
		await settled(those);
		assertWhole(those, known[r]);
	}
	await Promise.all(all.map(person => person.peer.close()));
	assert.equal(await hosts[0].stop('SIGTERM'), 0, hosts[0].words);
}
